"""Start the program: `notesearch`, or `python -m notesearch`."""

import sys

from notesearch import cli


def main() -> int:
    """Run the command line and return its exit code."""
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

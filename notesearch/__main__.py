"""Start the program: `notesearch`, or `python -m notesearch`."""

import sys

from notesearch import remote


def main() -> int:
    """Run the command line and return its exit code."""
    code = remote.main(sys.argv[1:])
    if code is not None:
        return code
    from notesearch import cli  # noqa: PLC0415  # it takes long, and a key waits for the above

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

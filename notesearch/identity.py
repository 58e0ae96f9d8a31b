"""Who publishes this build and where, in one place: packages, the desktop entry and About read it.

What is not known is empty, and then left out wherever it would be said; nothing is invented. The
release workflow refuses to draft a release while HOMEPAGE or EMAIL is empty. Keys for signing are
secrets of whoever publishes; packaging/README.md names their variables.
"""

NAME = "notesearch"
SUMMARY = "Search your Markdown notes by meaning and by words"
LICENCE = "MIT"

MAINTAINER = "notesearch contributors"
EMAIL = ""
"""Where packages say that their maintainer can be written to."""
HOMEPAGE = ""
RELEASES = ""
"""The page where newer versions are, which only the user's browser ever opens."""
ISSUES = ""
"""Where faults are reported."""
SCREENSHOTS = ""
"""The folder on the web where the files of resources/screenshots are, for software centres."""

#!/bin/sh
# Prints a Python that bundles can be built with: 3.12 or later, since PySide6 6.12 ends the process
# on 3.11, and with venv. PYTHON names one; else the first that works.
set -eu

works() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

pyenv=${PYENV_ROOT:-$HOME/.pyenv}/versions
for python in ${PYTHON:-} python3.12 python3.13 python3.14 python3 \
        "$pyenv"/3.12.*/bin/python3 "$pyenv"/3.13.*/bin/python3 "$pyenv"/3.14.*/bin/python3; do
    if works "$python"; then
        "$python" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done
echo "Bundles need Python 3.12 or later with venv (on Debian: python3-venv)." \
    "Name one: PYTHON=/path/to/python3.12" >&2
exit 1

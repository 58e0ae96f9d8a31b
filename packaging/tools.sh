#!/usr/bin/env bash
# Makes sure of the system's tools that packages are made, checked and tried out with. Installs what
# is missing where it may (root, apt); otherwise names it.
set -eu

# Program, and the Debian or Ubuntu package that has it.
programs='
git                    git
xz                     xz-utils
readelf                binutils
makeself               makeself
makensis               nsis
desktop-file-validate  desktop-file-utils
appstreamcli           appstream
man                    man-db
lintian                lintian
shellcheck             shellcheck
mmdebstrap             mmdebstrap
Xvfb                   xvfb
'

[ "$(uname -s)" = Linux ] || exit 0

missing=()
while read -r program package; do
    [ -n "$program" ] || continue
    command -v "$program" >/dev/null || missing+=("$package")
done <<END
$programs
END
# Without it, mmdebstrap on Ubuntu cannot tell whether what it gets is Debian's.
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)

if [ ${#missing[@]} = 0 ]; then
    exit 0
elif ! command -v apt-get >/dev/null; then
    echo "Packages need tools that are missing; on Debian they are called: ${missing[*]}" >&2
    exit 1
elif [ "$(id -u)" != 0 ]; then
    echo "Packages need tools that are missing. Run: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "Installing tools for packages: ${missing[*]}"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" \
    >/dev/null

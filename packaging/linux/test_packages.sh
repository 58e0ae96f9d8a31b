#!/bin/bash
# Tries the packages in clean minimal systems: Debian 12 and 13, without Python and without network.
#
#   packaging/linux/test_packages.sh DEB RUN WORK_FOLDER
#
# Needs root, and some 2 GB of disk; the minimal systems and what apt fetches are kept in WORK_FOLDER
# for the next time, pictures too. Prints a line for each check; the last one counts them. MIRROR
# names another mirror of Debian.
set -eu

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mirror=${MIRROR:-http://deb.debian.org/debian}

stop() {
    echo "test_packages.sh: $*" >&2
    exit 1
}

[ $# = 3 ] || stop "usage: test_packages.sh DEB RUN WORK_FOLDER"
[ "$(id -u)" = 0 ] || stop "this makes small systems of its own, which needs root: sudo make ..."
for file in "$1" "$2"; do
    [ -f "$file" ] || stop "$file is not there; make it first: make deb selfextract"
done
deb=$(realpath "$1") package=$(realpath "$2")
mkdir -p "$3"
work=$(realpath "$3")

# Program, and the package of Debian that has it.
programs='
mmdebstrap  mmdebstrap
Xvfb        xvfb
xdotool     xdotool
import      imagemagick
identify    imagemagick
python3     python3
'
missing=
while read -r program name; do
    [ -z "$program" ] || command -v "$program" >/dev/null || missing="$missing $name"
done <<<"$programs"
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null || stop "these are missing:$missing"
    # shellcheck disable=SC2086
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
        --no-install-recommends $missing >/dev/null || stop "could not be installed:$missing"
fi

# A command behind it has mounts and processes of its own, which end when it is killed.
separated=(unshare --mount --propagation private --pid --fork --kill-child)
"${separated[@]}" --net -- true || stop "this system allows no namespaces (unshare); run it on another one"

# In the background, so that a signal is not heard only when all is done.
child=
run() {
    "$@" &
    child=$!
    wait "$child" || { echo "test_packages.sh: this failed: $*" >&2; return 1; }
    child=
}

clean_up() {
    # All processes in its namespaces end with it, and their mounts vanish.
    if [ -n "$child" ]; then
        kill -KILL "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    remove_root
    rm -f "$work/output" "$work/before" "$work/left"
    rm -rf "$lower" "$work/lower"
}

remove_root() {
    if grep -qF " $root/" /proc/self/mountinfo; then
        stop "something is mounted in $root, which is left as it is"
    fi
    rm -rf --one-file-system "$root"
}

root=$work/root
lower=$work/lower.deb
old_file=usr/lib/notesearch/_internal/of-the-lower-version
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# The same package as it was before: with a lower version, and a file that is gone since. Not
# compressed, since that takes minutes.
make_lower() {
    rm -rf "$work/lower"
    dpkg-deb --raw-extract "$deb" "$work/lower"
    sed -i 's/^Version: .*/Version: 0~before/' "$work/lower/DEBIAN/control"
    echo before >"$work/lower/$old_file"
    (cd "$work/lower" && md5sum "$old_file" >>DEBIAN/md5sums)
    dpkg-deb --root-owner-group -Znone --build "$work/lower" "$lower" >/dev/null
    rm -rf "$work/lower"
}

# A minimal system: what is essential, and apt.
make_system() {
    if [ ! -f "$work/$suite.tar" ]; then
        run mmdebstrap --quiet --variant=minbase --format=tar "$suite" "$work/$suite.tar.part" "$mirror"
        mv "$work/$suite.tar.part" "$work/$suite.tar"
    fi
    remove_root
    mkdir "$root"
    tar --extract --file "$work/$suite.tar" --directory "$root" --numeric-owner --same-permissions
    cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
}

# The only thing that has a network: what the tests install later is fetched.
fetch() { # PACKAGE...
    # shellcheck disable=SC2016
    run "${separated[@]}" -- bash -eu -c '
        here=$1 root=$2 suite=$3 work=$4 depends=$5
        shift 5
        . "$here/clean_system.sh"
        mount_all
        # What is not needed by anything here could be removed with the package.
        apt autoremove --purge
        apt update
        apt --download-only install "$@"
        apt --download-only satisfy "$depends"
    ' bash "$here" "$root" "$suite" "$work" "$depends" "$@" >"$work/fetch.log" 2>&1 ||
        { tail -n 20 "$work/fetch.log" >&2; stop "what the package depends on could not be fetched"; }
}

make_lower
depends=$(dpkg-deb -f "$deb" Depends)
: >"$work/results"
for suite in bookworm trixie; do
    make_system
    fetch xz-utils
    run "${separated[@]}" --net -- sh "$here/test_deb.sh" "$root" "$suite" "$work" "$deb" "$lower" \
        "$old_file" || true
done
make_system
fetch xz-utils
run "${separated[@]}" --net -- sh "$here/test_run.sh" "$root" "$suite" "$work" "$package" "$depends" || true

# One that ended in the middle has fewer lines than checks.
all=$((2 * $(grep -c '^check ' "$here/test_deb.sh") + $(grep -c '^check ' "$here/test_run.sh")))
passed=$(grep -c '^ok ' "$work/results" || true)
echo "$passed of $all checks passed"
[ "$passed" = "$all" ]

#!/bin/sh
# Makes an AppImage of the Debian package, which has every file in its place already.
#
#   sh packaging/linux/appimage/build.sh DEB OUT_FOLDER
#
# appimagetool and the runtime that it puts before the file system are only on GitHub:
# https://github.com/AppImage/appimagetool. Where appimagetool is on PATH, and RUNTIME names a
# runtime (it would fetch one otherwise), OUT_FOLDER/notesearch-VERSION-x86_64.AppImage is made.
# Where it is not, OUT_FOLDER/notesearch.AppDir and the file system are: that much was run here,
# and notesearch.AppDir/AppRun started; the last step and a start of the AppImage itself were not.
# An AppImage brings no libraries of the system: those in depends.txt must be there, as for the .run.
set -eu
umask 022
export LC_ALL=C TZ=UTC

stop() {
    echo "appimage/build.sh: $*" >&2
    exit 1
}

[ $# = 2 ] || stop "usage: build.sh DEB OUT_FOLDER"
[ -f "$1" ] || stop "$1 is not there; make it first: make deb"
root=$(cd "$(dirname "$0")/../../.." && pwd)
# Not the package's: Debian writes 1.2.3~rc1.
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$root/notesearch/__init__.py")
SOURCE_DATE_EPOCH=$(python3 "$root/packaging/moment.py") || exit 1
export SOURCE_DATE_EPOCH
name=io.github.notesearch.Notesearch
mkdir -p "$2"
folder=$2/notesearch.AppDir
image=$2/notesearch-$version-x86_64

rm -rf "$folder"
dpkg-deb -x "$1" "$folder"
# What only Debian reads.
rm -rf "$folder/usr/share/lintian" "$folder/usr/share/doc/notesearch/changelog.gz"
# The program finds its files by its own place, whatever the link to it is called.
ln -s usr/lib/notesearch/notesearch "$folder/AppRun"
cp "$folder/usr/share/applications/$name.desktop" "$folder/$name.desktop"
cp "$folder/usr/share/icons/hicolor/256x256/apps/$name.png" "$folder/$name.png"
ln -s "$name.png" "$folder/.DirIcon"
find "$folder" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +

if command -v appimagetool >/dev/null; then
    ARCH=x86_64 VERSION=$version appimagetool --no-appstream --comp zstd \
        ${RUNTIME:+--runtime-file "$RUNTIME"} "$folder" "$image.AppImage"
    echo "$image.AppImage"
else
    command -v mksquashfs >/dev/null || stop "mksquashfs is missing: apt-get install squashfs-tools"
    rm -f "$image.squashfs"
    # The dates come from SOURCE_DATE_EPOCH.
    mksquashfs "$folder" "$image.squashfs" -quiet -no-progress -root-owned -noappend -comp zstd
    echo "$image.squashfs"
    echo "appimagetool is not on PATH: put a type 2 runtime before the file system, which makes" \
        "an AppImage of it: cat runtime-x86_64 $image.squashfs >$image.AppImage" >&2
fi

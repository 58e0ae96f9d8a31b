#!/usr/bin/env bash
# Makes a disk image of the application, with a link to the Applications folder beside it.
#
# Usage: packaging/macos/dmg.sh APP OUT.dmg     on macOS only
#
# MACOS_IDENTITY, where it is set, signs the image; packaging/bundle.py has signed the
# application with it. With MACOS_NOTARY_KEY_FILE (a .p8), MACOS_NOTARY_KEY_ID and
# MACOS_NOTARY_ISSUER, Apple notarises it as well. Without them nothing is signed: macOS then
# refuses to open the application until the user allows it in the system settings.
set -eu

app=${1:?usage: dmg.sh APP OUT.dmg}
out=${2:?usage: dmg.sh APP OUT.dmg}
identity=${MACOS_IDENTITY:-}
notary_key=${MACOS_NOTARY_KEY_FILE:-}

[ "$(uname -s)" = Darwin ] || { echo "dmg.sh: a disk image can only be made on macOS" >&2; exit 1; }
[ -f "$app/Contents/Info.plist" ] || { echo "dmg.sh: $app is no application" >&2; exit 1; }

work=$(mktemp -d)
mount=
clean_up() {
    [ -z "$mount" ] || hdiutil detach -quiet -force "$mount" || true
    rm -rf "$work"
}
trap clean_up EXIT

# Indexers and virus scanners of the system hold fresh images: "Resource busy".
again() {
    local try
    for try in 1 2 3 4 5; do
        if "$@"; then return 0; fi
        echo "dmg.sh: $1 $2 failed, try $try of 5" >&2
        sleep "$((try * 5))"
    done
    return 1
}

plutil -lint "$app/Contents/Info.plist"
if [ -n "$identity" ]; then
    # Before an hour of waiting for Apple, which would refuse the same.
    codesign --verify --deep --strict "$app"
fi

mkdir "$work/image"
ditto "$app" "$work/image/$(basename "$app")"
ln -s /Applications "$work/image/Applications"
cp "$app/Contents/Resources/notesearch.icns" "$work/image/.VolumeIcon.icns"

# Writable at first: that the volume has an icon of its own can only be said of one that is mounted.
again hdiutil create -quiet -ov -fs HFS+ -format UDRW -volname notesearch \
    -srcfolder "$work/image" "$work/writable.dmg"
mount=$work/mounted
mkdir "$mount"
again hdiutil attach -quiet -nobrowse -noautoopen -mountpoint "$mount" "$work/writable.dmg"
# Of Xcode's command line tools. An image without an icon does as well.
SetFile -a C "$mount" || echo "dmg.sh: the image has no icon of its own" >&2
again hdiutil detach -quiet "$mount"
mount=
mkdir -p "$(dirname "$out")"
again hdiutil convert -quiet -ov -format ULMO -o "$out" "$work/writable.dmg"

if [ -n "$identity" ]; then
    codesign --force --timestamp --sign "$identity" "$out"
fi
if [ -n "$identity" ] && [ -n "$notary_key" ]; then
    xcrun notarytool submit "$out" --wait --timeout 45m --key "$notary_key" \
        --key-id "$MACOS_NOTARY_KEY_ID" --issuer "$MACOS_NOTARY_ISSUER"
    xcrun stapler staple "$out"
    spctl --assess --type open --context context:primary-signature --verbose "$out"
fi
hdiutil verify -quiet "$out"
echo "$out"

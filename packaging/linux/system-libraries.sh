#!/usr/bin/env bash
# Makes sure of what pip cannot bring: a Python of at least 3.11 with venv, and the system
# libraries that Qt links. Installs what is missing where it may (root, apt); otherwise names it.
set -eu

python=${1:-python3}

# Shared library, and the Debian or Ubuntu package that has it.
libraries='
libEGL.so.1                libegl1
libGL.so.1                 libgl1
libxkbcommon.so.0          libxkbcommon0
libxkbcommon-x11.so.0      libxkbcommon-x11-0
libdbus-1.so.3             libdbus-1-3
libfontconfig.so.1         libfontconfig1
libfreetype.so.6           libfreetype6
libglib-2.0.so.0           libglib2.0-0
libgssapi_krb5.so.2        libgssapi-krb5-2
libX11.so.6                libx11-6
libX11-xcb.so.1            libx11-xcb1
libxcb.so.1                libxcb1
libxcb-cursor.so.0         libxcb-cursor0
libxcb-icccm.so.4          libxcb-icccm4
libxcb-image.so.0          libxcb-image0
libxcb-keysyms.so.1        libxcb-keysyms1
libxcb-randr.so.0          libxcb-randr0
libxcb-render.so.0         libxcb-render0
libxcb-render-util.so.0    libxcb-render-util0
libxcb-shape.so.0          libxcb-shape0
libxcb-shm.so.0            libxcb-shm0
libxcb-sync.so.1           libxcb-sync1
libxcb-util.so.1           libxcb-util1
libxcb-xfixes.so.0         libxcb-xfixes0
libxcb-xkb.so.1            libxcb-xkb1
libwayland-client.so.0     libwayland-client0
libwayland-cursor.so.0     libwayland-cursor0
libwayland-egl.so.1        libwayland-egl1
'

[ "$(uname -s)" = Linux ] || exit 0

missing=
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
known=$("$ldconfig" -p 2>/dev/null || true)
while read -r library package; do
    [ -n "$library" ] || continue
    case $known in *"$library "*) ;; *) missing="$missing $package" ;; esac
done <<EOF
$libraries
EOF
# A program without any font shows boxes.
if [ -z "$(find /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" \
        \( -name '*.ttf' -o -name '*.otf' \) -print -quit 2>/dev/null)" ]; then
    missing="$missing fonts-dejavu-core"
fi
if ! command -v "$python" >/dev/null; then
    missing="$missing python3 python3-venv"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    missing="$missing python$version-venv"
fi

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing system libraries:$missing"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing \
            >/dev/null
    elif command -v apt-get >/dev/null; then
        echo "notesearch needs system libraries that are missing. Run: sudo apt-get install$missing" >&2
        exit 1
    else
        echo "notesearch needs system libraries; on Debian they are called:$missing" >&2
        exit 1
    fi
fi

# Tests look with these at what the program asks of the system, and press keys on a screen of their
# own. Where they are missing, those tests are skipped. Program, and the package that has it.
programs='
strace         strace
Xvfb           xvfb
openbox        openbox
xdotool        xdotool
setxkbmap      x11-xkb-utils
xprop          x11-utils
dbus-daemon    dbus-daemon
trayer         trayer
'
missing=
while read -r program package; do
    [ -n "$program" ] || continue
    command -v "$program" >/dev/null || missing="$missing $package"
done <<EOF
$programs
EOF
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing programs for the tests:$missing"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
        --no-install-recommends $missing >/dev/null; } || echo "not all could be installed" >&2
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "notesearch needs Python 3.11 or later; $python is $("$python" -V 2>&1)." \
        "Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
fi

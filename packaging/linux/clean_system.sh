# shellcheck shell=sh disable=SC2154
# A small Debian of its own in a folder, in which packages are tried; read by the scripts beside it.
# Its mounts are in a namespace of their own, and vanish with the last process in it: none is ever
# left below a folder that is removed.
#
# root: the folder; suite: its Debian; work: where pictures, results and caches are kept;
# kind: what is tried (deb, run).

export LC_ALL=C.UTF-8

mount_all() {
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mkdir -p "$root/run/lock"
    # As hardened systems have it.
    mount -t tmpfs -o mode=1777,noexec tmpfs "$root/tmp"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mkdir -p "$work/downloads-$suite/partial"
    mount --bind "$work/downloads-$suite" "$root/var/cache/apt/archives"
}

in_root() {
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" chroot "$root" "$@"
}

apt() {
    in_root apt-get -qq -y -o Dpkg::Use-Pty=0 -o APT::Install-Recommends=false "$@"
}

add_user() { # NAME HOME
    in_root useradd --create-home --skel /nonexistent --home-dir "$2" --shell /bin/sh "$1"
    # Neither does Debian.
    chmod 700 "$root$2"
}

# Runs a program as a user does after logging in: as_user NAME COMMAND...
as_user() {
    name=$1
    shift
    home=$(in_root getent passwd "$name" | cut -d: -f6)
    number=$(in_root id -u "$name")
    in_root install -d -o "$name" -g "$name" -m 700 "/run/user/$number"
    chroot --userspec="$name:$name" "$root" env -i HOME="$home" USER="$name" LANG=C.UTF-8 \
        XDG_RUNTIME_DIR="/run/user/$number" PATH="$home/.local/bin:/usr/local/bin:/usr/bin:/bin" \
        sh -c 'cd; umask 027; exec "$@"' sh "$@"
}

without_screen() {
    name=$1
    shift
    as_user "$name" env QT_QPA_PLATFORM=offscreen "$@"
}

on_screen() {
    name=$1
    shift
    as_user "$name" env DISPLAY="$display" QT_QPA_PLATFORM=xcb "$@"
}

# A screen, whose socket is seen in the small Debian too.
start_screen() {
    for folder in /tmp/.X11-unix "$root/tmp/.X11-unix"; do
        # The former stays, for the sockets of all users.
        [ -d "$folder" ] || mkdir -m 1777 "$folder"
    done
    mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix
    mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
    mkfifo "$root/run/display"
    Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp -ac 3>"$root/run/display" \
        >"$work/$suite-$kind-xvfb.log" 2>&1 &
    read -r number <"$root/run/display"
    display=:$number
}

# Counting -----------------------------------------------------------------------------------------

# Runs a command and says how it went; goes on after a failure: check "what is checked" COMMAND...
check() {
    what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        result=ok
    else
        result=FAIL
    fi
    printf '%-4s  %-8s  %-3s  %s\n' $result "$suite" "$kind" "$what" | tee -a "$work/results"
    [ $result = ok ] || sed 's/^/        /' "$work/output" | tail -n 40
}

wait_for() { # SECONDS COMMAND...
    left=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || { echo "waited in vain for: $*"; return 1; }
        sleep 0.2
    done
}

# What is checked of both packages -----------------------------------------------------------------

no_python() {
    ! ls "$root"/usr/bin/python3* "$root"/usr/local/bin/python3* 2>/dev/null
}

no_network() {
    # Nothing but the loopback, which is down.
    ! grep ':' "$root/proc/self/net/dev" | grep -v '^ *lo:'
}

says() { # TEXT COMMAND...
    expected=$1
    shift
    said=$("$@" 2>&1) || { echo "$said"; return 1; }
    echo "$said"
    case $said in *"$expected"*) ;; *) echo "expected: $expected"; return 1 ;; esac
}

refuses() { # TEXT COMMAND...
    expected=$1
    shift
    if said=$("$@" 2>&1); then echo "$said"; echo "it did not fail"; return 1; fi
    echo "$said"
    case $said in *"$expected"*) ;; *) echo "expected: $expected"; return 1 ;; esac
}

self_test() { # PLATFORM USER PROGRAM
    case $1 in
        offscreen) says 'checks passed' without_screen "$2" "$3" --self-test ;;
        xcb) says 'checks passed' on_screen "$2" "$3" --self-test ;;
    esac
}

# Whether a picture shows something: its size, and how many colours it has.
is_picture() { # FILE
    said=$(identify -format '%w %h %k' "$1") || return 1
    echo "$said"
    echo "$said" | awk '$1 >= 800 && $2 >= 600 && $3 >= 100 {good = 1} END {exit !good}'
}

takes_screenshot() { # USER PROGRAM
    picture=$work/$suite-$kind-screenshot.png
    on_screen "$1" "$2" --screenshot "/tmp/$1.png" || return 1
    cp "$root/tmp/$1.png" "$picture" && rm "$root/tmp/$1.png" && is_picture "$picture"
}

screen_is_painted() {
    import -display "$display" -window root "$work/$suite-$kind-screen.png" &&
        is_picture "$work/$suite-$kind-screen.png"
}

opens_a_window() { # USER PROGRAM
    on_screen "$1" "$2" >"$work/$suite-$kind-window.log" 2>&1 &
    window=$!
    wait_for 60 window_or_end
    kill -0 $window && wait_for 30 screen_is_painted || { cat "$work/$suite-$kind-window.log"; false; }
}

window_or_end() {
    DISPLAY=$display xdotool search --onlyvisible --class '^notesearch$' || ! kill -0 $window
}

window_ends() {
    wait $window || { echo "exit code $?"; cat "$work/$suite-$kind-window.log"; return 1; }
}

ends_when_told() { # USER PROGRAM
    without_screen "$1" "$2" --quit && window_ends
}

copy_notes() { # USER FOLDER_OF_THE_PROGRAM
    as_user "$1" cp -R "$2/_internal/resources/sample-notes" Notes
}

reads_notes() { # USER PROGRAM
    says ' 0 problems' as_user "$1" "$2" index Notes
}

finds() { # USER PROGRAM
    says Sourdough.md as_user "$1" "$2" search my bread comes out heavy
}

# The last rows of the library: notes that are read again get new ones.
last_rows() { # HOME
    for library in "$root$1"/.local/share/notesearch/libraries/*/library.db; do
        python3 - "$library" <<'END' || return 1
import sqlite3, sys
library = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(*(library.execute(f"select count(*), max(rowid) from {table}").fetchone()
        for table in ("notes", "passages", "embeddings")))
END
    done
}

reads_nothing_again() { # USER PROGRAM HOME
    before=$(last_rows "$3") && reads_notes "$1" "$2" && after=$(last_rows "$3") || return 1
    echo "before: $before; after: $after"
    [ -n "$before" ] && [ "$before" = "$after" ]
}

# What is in a home folder, apart from the notes that were put there.
# .cache/fontconfig and .cache/mesa*: kept by the libraries of the system that find fonts and draw,
# for all programs of the user.
in_home() { # HOME
    (cd "$root$1" && find . -mindepth 1 \( -path ./Notes -o -path ./.cache/fontconfig \
        -o -path './.cache/mesa*' \) -prune -o -print | sort)
}

# Nothing but what the manual page documents, and the folders around it.
holds_only_documented() { # HOME
    in_home "$1"
    ! in_home "$1" | grep -vE '^\./(\.cache|\.config(/notesearch(/.*)?)?|\.local(/(share|state)(/notesearch(/.*)?)?)?)$'
}

# Nothing but the folders in which all programs keep theirs, which may have been there before.
holds_no_data() { # HOME
    in_home "$1"
    ! in_home "$1" | grep -vE '^\./\.(cache|config|local(/(share|state))?)$'
}

is_empty_home() { # HOME
    in_home "$1"
    [ -z "$(in_home "$1" | grep -vxF ./.cache)" ]
}

library_is_there() { # HOME
    ls "$root$1"/.local/share/notesearch/libraries/*/library.db
}

nothing_in_tmp() {
    find "$root/tmp" "$root/dev/shm" -mindepth 1 ! -path '*/.X11-unix*' ! -name '*.deb' \
        ! -name '*.run' | tee "$work/left"
    [ ! -s "$work/left" ]
}

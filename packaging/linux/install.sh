#!/bin/sh
# Installs notesearch for the user who runs it: nothing outside of the home folder, no network.
# The .run package holds it and runs it: sh notesearch-VERSION-x86_64.run [-- OPTION...]
set -eu
# Whatever the umask of the shell, the program must be readable to whom it belongs.
umask 022

usage() {
    cat <<END
Installs notesearch into your home folder, or a newer one over an older one.

  --uninstall        remove it again; your library and settings stay
  --uninstall --purge
                     remove it with your library and settings (never a note)
  --ignore-missing   install although libraries of the system are missing
  --as-root          install for root
  --help             say this

Options stand behind "--": sh notesearch.run -- --uninstall
END
}

stop() {
    echo "notesearch: $*" >&2
    exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
: "${HOME:?notesearch: HOME is not set; say where your home folder is: HOME=/home/NAME sh ...}"
programs=$HOME/.local/opt
program=$programs/notesearch
# Beside it, so that they are on the same disk; hidden, so that nobody gives a copy such a name.
new=$programs/.notesearch-new
old=$programs/.notesearch-old
# All that is ever in these three. The last tells that they are the installer's: it is there first
# and goes last.
contents='notesearch
_internal
notesearch.1
notesearch-folders
notesearch-uninstall'
bin=$HOME/.local/bin
# Where man looks for the pages of programs in ~/.local/bin.
man=$HOME/.local/share/man/man1

main() {
    action=install purge='' as_root='' ignore_missing=''
    for option in "$@"; do
        case $option in
            --uninstall) action=uninstall ;;
            --purge) purge=--purge ;;
            --as-root) as_root=yes ;;
            --ignore-missing) ignore_missing=yes ;;
            --help | -h) usage; exit 0 ;;
            *) usage >&2; stop "this option is not known: $option" ;;
        esac
    done
    if [ "$(id -u)" = 0 ] && [ -z "$as_root" ]; then
        stop "this installs for one user, and you are root. Run it as yourself, without sudo." \
            "For all users of this machine, install the .deb package. To install it for root" \
            "after all, add: -- --as-root"
    fi
    [ $action = install ] || exec sh "$here/uninstall.sh" $purge
    [ -z "$purge" ] || stop "--purge goes with --uninstall"
    install_program
}

install_program() {
    check_names
    mend
    remember_folders
    trap clean_up EXIT
    trap 'exit 130' HUP INT TERM
    check_room
    copy
    check_libraries
    check_program
    quit_running
    swap
    link
    introduce
    farewell
}

clean_up() {
    discard "$new"
    [ -e "$program" ] || tidy
}

is_ours() { # FOLDER
    [ ! -L "$1" ] && [ -f "$1/notesearch-uninstall" ]
}

# Whatever else is in a folder stays, and with it the folder.
discard() { # FOLDER
    if is_ours "$1"; then
        for name in $contents; do
            rm -rf "${1:?}/$name"
        done
    fi
    rmdir "$1" 2>/dev/null || true
}

# Never takes the place of what somebody else has put there. Changes nothing.
check_names() {
    for folder in "$program" "$new" "$old"; do
        is_absent "$folder" || is_ours "$folder" || is_empty "$folder" ||
            stop "$folder is there and is not an installation of notesearch; move it away first"
        for file in "$folder"/* "$folder"/.[!.]* "$folder"/..?*; do
            is_absent "$file" || printf '%s\n' "$contents" | grep -qxF -e "${file##*/}" ||
                stop "$file is not of notesearch, and would be lost; move it away first"
        done
    done
    for name in notesearch notesearch-uninstall; do
        is_absent "$bin/$name" || [ "$(readlink "$bin/$name")" = "../opt/notesearch/$name" ] ||
            stop "$bin/$name is there and belongs to another installation (of pipx, uv or pip?)." \
                "Remove that one first, for example with: pipx uninstall notesearch"
    done
}

is_absent() { # PATH
    [ ! -e "$1" ] && [ ! -L "$1" ]
}

# As an installer leaves it that was killed as soon as it had made it.
is_empty() { # FOLDER
    [ ! -L "$1" ] && [ -d "$1" ] && [ -z "$(ls -A "$1")" ]
}

# An installation that was killed between its two renames left the old program aside.
mend() {
    if is_ours "$old" && [ ! -e "$program" ]; then
        mv "$old" "$program"
    fi
    discard "$new"
    discard "$old"
}

# Which folders are not there yet, of those that are made by the installation and by the program.
# They alone are removed in the end, when they are empty: an empty ~/.local/bin may be on PATH.
remember_folders() {
    if [ -f "$program/notesearch-folders" ]; then
        folders=$(cat "$program/notesearch-folders")
        return
    fi
    data=$(base "${XDG_DATA_HOME:-}" .local/share)
    config=$(base "${XDG_CONFIG_HOME:-}" .config)
    state=$(base "${XDG_STATE_HOME:-}" .local/state)
    icons=$data/icons/hicolor
    folders=$(
        for folder in "$programs" "$bin" "$man" "$data/applications" "$icons/scalable/apps" \
            "$icons/symbolic/apps" "$config/autostart" "$state" "$HOME/.cache"; do
            while case $folder in "$HOME"/*) ;; *) false ;; esac && is_absent "$folder"; do
                printf '%s\n' "$folder"
                folder=${folder%/*}
            done
        done | LC_ALL=C sort -ru
    )
}

# A folder of the XDG specification, which passes over one that is not absolute.
base() { # NAMED USUAL
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$HOME/$2" ;;
    esac
}

# What is in a folder comes before it.
tidy() {
    printf '%s\n' "$folders" | while IFS= read -r folder; do
        rmdir "$folder" 2>/dev/null || true
    done
}

check_room() {
    mkdir -p "$programs" 2>/dev/null || stop "$programs cannot be made; see that you may write there"
    needed=$(du -sk "$here/notesearch" | awk '{print $1}')
    free=$(df -Pk "$programs" | awk 'END {print $4}')
    # A file system that does not know how much room it has says so with a dash.
    case $free in '' | *[!0-9]*) return ;; esac
    if [ "$free" -lt "$needed" ]; then
        stop "there is not enough room in $programs: $((needed / 1024)) MB are needed," \
            "$((free / 1024)) MB are free. Nothing was changed"
    fi
}

# Beside the old one, which stays as it is until the new one is known to work.
copy() {
    mkdir "$new" && cp "$here/uninstall.sh" "$new/notesearch-uninstall" &&
        printf '%s\n' "$folders" >"$new/notesearch-folders" && cp "$here/notesearch.1" "$new" &&
        cp -RP "$here/notesearch/." "$new" && chmod -R u+rwX,go+rX "$new" &&
        chmod 755 "$new/notesearch" "$new/notesearch-uninstall" ||
        stop "the program could not be copied to $programs. Nothing was changed"
}

# Asks the system's own loader for all libraries that the program's are linked with.
check_libraries() {
    command -v ldd >/dev/null || return 0
    # Files that are no libraries make ldd complain and fail; what it cannot find it says itself.
    found=$(find "$new" -name '*.so*' -type f -exec env LD_LIBRARY_PATH="$new/_internal" ldd {} + \
        2>&1 || true)
    missing=$(echo "$found" | awk '/=> not found/ {print $1}' | sort -u)
    too_old=$(echo "$found" | sed -n "s/.*version .\([A-Z]*_[0-9.]*\)' not found.*/\1/p" | sort -uV)
    if [ -n "$too_old" ]; then
        stop "this system is too old: its libraries lack" $too_old". notesearch needs one of 2022" \
            "or later, such as Debian 12 or Ubuntu 22.04. Nothing was changed"
    fi
    if [ -n "$missing" ]; then
        echo "notesearch: libraries of the system are missing:" $missing >&2
        say_packages >&2
        [ -n "$ignore_missing" ] || stop "install them, and run this again." \
            "Nothing was changed. To install anyway, add: -- --ignore-missing"
    fi
}

say_packages() {
    if command -v apt-get >/dev/null; then
        echo "  sudo apt-get install $(packages 2)"
    elif command -v pacman >/dev/null; then
        echo "  sudo pacman -S --needed $(packages 3)"
    elif command -v zypper >/dev/null; then
        echo "  sudo zypper install $(printf "'%s()(64bit)' " $missing)"
    elif command -v dnf >/dev/null; then
        echo "  sudo dnf install $(printf "'%s()(64bit)' " $missing)"
    else
        echo "  On Debian the packages are called: $(packages 2)"
        echo "  On Arch: $(packages 3)"
    fi
}

# The packages that have what is missing, from a column of libraries.txt.
packages() {
    for library in $missing; do
        awk -v library="$library" -v column="$1" \
            '$1 == library {print $column; known = 1} END {if (!known) print library}' \
            "$here/libraries.txt"
    done | sort -u | tr '\n' ' '
}

# The new program itself says whether it works here, before it takes the old one's place.
check_program() {
    code=0
    said=$("$new/notesearch" --self-test 2>&1) || code=$?
    case $code in
        0) ;;
        126) stop "programs cannot be started from $programs: is that disk mounted with noexec?" \
            "Nothing was changed" ;;
        *)  echo "$said" >&2
            [ -n "$ignore_missing" ] || stop "the program does not work on this system, as said" \
                "above. Nothing was changed" ;;
    esac
}

quit_running() {
    ended=''
    [ -e "$program" ] || return 0
    said=$("$new/notesearch" --quit 2>&1) ||
        stop "the notesearch that is running could not be ended: $said" \
            "Quit it, and run this again. Nothing was changed"
    # It says so where none was running.
    [ -n "$said" ] || ended=yes
}

swap() {
    if [ -e "$program" ]; then
        mv "$program" "$old"
    fi
    if ! mv "$new" "$program"; then
        [ ! -e "$old" ] || mv "$old" "$program"
        stop "the program could not be put into its place, $program"
    fi
    discard "$old"
}

link() {
    mkdir -p "$bin"
    for name in notesearch notesearch-uninstall; do
        ln -sf "../opt/notesearch/$name" "$bin/$name"
    done
    # One of another installation is as good.
    if is_absent "$man/notesearch.1"; then
        mkdir -p "$man"
        ln -s ../../../opt/notesearch/notesearch.1 "$man/notesearch.1"
    fi
}

# The program can be started without a menu, so that this is no reason to stop.
introduce() {
    said=$("$program/notesearch" --install-desktop-entry 2>&1) ||
        echo "notesearch: it could not be put into the menu of the desktop: $said" >&2
}

farewell() {
    echo "$("$program/notesearch" --version) is installed in $program."
    [ -z "$ended" ] || echo "The notesearch that was running has been ended; start it again."
    case $(command -v notesearch || true) in
        "$bin/notesearch") echo "Start it from the menu of the desktop, or with: notesearch" ;;
        '') echo "Start it from the menu of the desktop, or with: $bin/notesearch"
            echo "($bin is not on PATH; many systems put it there at the next login.)" ;;
        *)  echo "Start it from the menu of the desktop, or with: $bin/notesearch"
            echo "(The command notesearch starts another one: $(command -v notesearch))" ;;
    esac
    echo "Remove it with: $bin/notesearch-uninstall"
}

main "$@"
exit

#!/bin/sh
# Removes the notesearch that its .run package has installed for this user.
set -eu

usage() {
    cat <<END
Removes notesearch from your home folder.

  --purge   also your library, settings, history and log (never a note)
  --help    say this
END
}

stop() {
    echo "notesearch: $*" >&2
    exit 1
}

: "${HOME:?notesearch: HOME is not set; say where your home folder is: HOME=/home/NAME ...}"
name=io.github.notesearch.Notesearch
programs=$HOME/.local/opt
program=$programs/notesearch
# Where install.sh puts the new and the old one while it works.
new=$programs/.notesearch-new
old=$programs/.notesearch-old
# All that it puts into them; the last tells that they are its own.
contents='notesearch
_internal
notesearch.1
notesearch-folders
notesearch-uninstall'

# A folder of the XDG specification, which passes over one that is not absolute.
base() { # NAMED USUAL
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$HOME/$2" ;;
    esac
}

data=$(base "${XDG_DATA_HOME:-}" .local/share)
config=$(base "${XDG_CONFIG_HOME:-}" .config)
state=$(base "${XDG_STATE_HOME:-}" .local/state)
entry=$data/applications/$name.desktop
autostart=$config/autostart/$name.desktop

# All in functions, so that the shell has read this file before it is removed.
main() {
    purge=
    for option in "$@"; do
        case $option in
            --purge) purge=yes ;;
            --help | -h) usage; exit 0 ;;
            *) usage >&2; stop "this option is not known: $option" ;;
        esac
    done
    # An upgrade that was killed between its two renames.
    [ -e "$program" ] || ! is_ours "$old" || mv "$old" "$program"
    [ -d "$program" ] || stop "there is no notesearch in $program: nothing was changed"
    is_ours "$program" ||
        stop "$program is not an installation of notesearch: nothing was changed"
    # Another installation's is left alone, and so are the icons, which are the same.
    in_menu=
    if [ ! -e "$entry" ] || starts_this "$entry"; then
        in_menu=yes
    fi
    if "$program/notesearch" --version >/dev/null 2>&1; then
        ask_the_program
    elif [ -n "$purge" ]; then
        stop "the program cannot be started any more, and so cannot remove your data. Run this" \
            "without --purge: it says where they are"
    fi
    remove
    farewell
}

is_ours() { # FOLDER
    [ ! -L "$1" ] && [ -f "$1/notesearch-uninstall" ]
}

# Whether a desktop entry starts this very program, by whatever link.
starts_this() { # FILE
    command=$(sed -n '/^TryExec=/{s/^TryExec=//;s/\\\\/\\/g;p;q;}' "$1" 2>/dev/null)
    case $command in
        /*) [ "$(readlink -f "$command")" = "$(readlink -f "$program/notesearch")" ] ;;
        *) false ;;
    esac
}

# What only the program knows: who is running, where its data is, what it gave the desktop.
ask_the_program() {
    said=$("$program/notesearch" --quit 2>&1) ||
        stop "the notesearch that is running could not be ended: $said" \
            "Quit it, and run this again. Nothing was changed"
    if [ -n "$purge" ]; then
        "$program/notesearch" --remove-data --yes ||
            stop "not all of your data could be removed, as said above. The program is still there"
    fi
    [ -z "$in_menu" ] || said=$("$program/notesearch" --remove-desktop-entry 2>&1) ||
        echo "notesearch: it could not be taken out of the menu: $said" >&2
}

remove() {
    if starts_this "$autostart"; then
        rm -f "$autostart"
    fi
    # For a program that could not be started, and so could not take these away itself.
    if [ -n "$in_menu" ]; then
        rm -f "$entry" "$data/icons/hicolor/scalable/apps/$name.svg" \
            "$data/icons/hicolor/symbolic/apps/$name-symbolic.svg"
    fi
    remove_link "$HOME/.local/bin/notesearch" ../opt/notesearch/notesearch
    remove_link "$HOME/.local/bin/notesearch-uninstall" ../opt/notesearch/notesearch-uninstall
    remove_link "$HOME/.local/share/man/man1/notesearch.1" ../../../opt/notesearch/notesearch.1
    folders=$(cat "$program/notesearch-folders" 2>/dev/null || true)
    discard "$new"
    discard "$old"
    discard "$program"
    # What the installer found missing. What is in a folder comes before it.
    printf '%s\n' "$folders" | while IFS= read -r folder; do
        rmdir "$folder" 2>/dev/null || true
    done
}

# The installer puts none where somebody else's are; they may be there since.
remove_link() { # LINK TARGET
    if [ "$(readlink "$1" || true)" = "$2" ]; then
        rm -f "$1"
    fi
}

# Whatever else is in a folder stays, and with it the folder.
discard() { # FOLDER
    if is_ours "$1"; then
        for file in $contents; do
            rm -rf "${1:?}/$file"
        done
    fi
    rmdir "$1" 2>/dev/null || true
}

farewell() {
    echo "notesearch is removed."
    [ ! -e "$program" ] || echo "This is not of notesearch, and is kept: $program"
    for kept in "$data/notesearch" "$config/notesearch" "$state/notesearch" \
        "${NOTESEARCH_DATA_DIR:-}"; do
        [ ! -d "$kept" ] || echo "Your library and settings are kept; remove what you do not need: $kept"
    done
}

main "$@"
exit

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
program=$HOME/.local/opt/notesearch
bin=$HOME/.local/bin
page=$HOME/.local/share/man/man1/notesearch.1
data=${XDG_DATA_HOME:-$HOME/.local/share}
config=${XDG_CONFIG_HOME:-$HOME/.config}
state=${XDG_STATE_HOME:-$HOME/.local/state}
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
    [ -d "$program" ] || stop "there is no notesearch in $program: nothing was changed"
    [ -f "$program/notesearch-uninstall" ] ||
        stop "$program is not an installation of notesearch: nothing was changed"
    if "$program/notesearch" --version >/dev/null 2>&1; then
        ask_the_program
    elif [ -n "$purge" ]; then
        stop "the program cannot be started any more, and so cannot remove your data. Run this" \
            "without --purge: it says where they are"
    fi
    remove
    tidy_all
    farewell
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
    said=$("$program/notesearch" --remove-desktop-entry 2>&1) ||
        echo "notesearch: it could not be taken out of the menu: $said" >&2
}

remove() {
    # The start at login, where it is this program that is started.
    if grep -qsE '\.local/(opt/notesearch|bin)/notesearch' "$autostart"; then
        rm -f "$autostart"
    fi
    # The installer puts none where somebody else's are; they may be there since.
    for link in notesearch notesearch-uninstall; do
        if [ "$(readlink "$bin/$link" || true)" = "../opt/notesearch/$link" ]; then
            rm -f "$bin/$link"
        fi
    done
    # For a program that could not be started, and so could not take these away itself.
    rm -f "$page" "$data/applications/$name.desktop" "$data"/icons/hicolor/*/apps/"$name"*
    rm -rf "$program" "$program.new" "$program.old"
}

tidy_all() {
    for folder in "$program" "$bin" "${page%/*}" "$data/applications" \
        "$data"/icons/hicolor/*/apps "${autostart%/*}" "$state" "$HOME/.cache"; do
        tidy "$folder"
    done
}

# Removes a folder and those above it as long as they are empty, and never the home folder.
tidy() {
    folder=$1
    while case $folder in "$HOME"/*) ;; *) false ;; esac; do
        [ ! -d "$folder" ] || rmdir "$folder" 2>/dev/null || return 0
        folder=${folder%/*}
    done
}

farewell() {
    echo "notesearch is removed."
    for kept in "$data/notesearch" "$config/notesearch" "$state/notesearch" \
        "${NOTESEARCH_DATA_DIR:-}"; do
        [ ! -d "$kept" ] || echo "Your library and settings are kept; remove what you do not need: $kept"
    done
}

main "$@"
exit

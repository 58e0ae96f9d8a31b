#!/bin/sh
# Installs, upgrades, uses and removes the .run package as an ordinary user of a clean Debian.
# Started by test_packages.sh, in namespaces without a network:
# sh test_run.sh ROOT SUITE WORK_FOLDER RUN DEPENDENCIES
set -u
root=$1 suite=$2 work=$3 package=$4 dependencies=$5 kind=run
. "$(dirname "$0")/clean_system.sh"
trap 'exit 130' HUP INT TERM

# Not every home folder has a simple name.
home='/home/carla of the notes'
program=$home/.local/bin/notesearch

# shellcheck disable=SC2120  # check calls it with some
run_package() {
    # A display, but no terminal.
    on_screen carla sh /tmp/notesearch.run "$@" </dev/null
}

as_root() {
    in_root sh /tmp/notesearch.run </dev/null
}

# As one that only the version before had.
add_an_old_file() {
    as_user carla touch "$home/.local/opt/notesearch/_internal/of-the-old-version"
}

upgrades_while_running() {
    opens_a_window carla "$program" && run_package && window_ends
}

one_copy() {
    ls -A "$root$home/.local/opt" "$root$home/.local/opt/notesearch"
    [ "$(ls -A "$root$home/.local/opt")" = notesearch ] &&
        [ ! -e "$root$home/.local/opt/notesearch/_internal/of-the-old-version" ]
}

in_the_menu() {
    grep -F "$home/.local/" \
        "$root$home/.local/share/applications/io.github.notesearch.Notesearch.desktop"
}

mount_all
start_screen
add_user carla "$home"
cp "$package" "$root/tmp/notesearch.run"

check 'no network' no_network
# Every desktop has it.
check 'what unpacks the package installs' apt install xz-utils
check 'root is told to take the .deb' refuses 'install the .deb package' as_root
check 'missing libraries are named' refuses 'sudo apt-get install' run_package
check 'nothing was changed' is_empty_home "$home"
check 'the libraries install' apt satisfy "$dependencies"
check 'no Python' no_python
check 'it installs in an empty home folder' says 'is installed in' run_package
check 'it is in the menu' in_the_menu
check 'self-test offscreen' self_test offscreen carla "$program"
check 'self-test under Xvfb' self_test xcb carla "$program"
check 'screenshot' takes_screenshot carla "$program"
copy_notes carla "$home/.local/opt/notesearch"
check 'notes are read' reads_notes carla "$program"
check 'a note is found' finds carla "$program"
check 'a file is there that the next version has not' add_an_old_file
check 'the upgrade ends the running program' upgrades_while_running
check 'there is one copy, without that file' one_copy
check 'the note is found in the same library' finds carla "$program"
check 'no note is read again' reads_nothing_again carla "$program" "$home"
check 'it uninstalls' says 'is removed' as_user carla "$home/.local/bin/notesearch-uninstall"
check 'the home folder holds only the data' holds_only_documented "$home"
check 'the library is there' library_is_there "$home"
check 'it installs again' says 'is installed in' run_package
check 'the note is found in the old library' finds carla "$program"
check 'it uninstalls with the data' says 'is removed' run_package -- --uninstall --purge
check 'the home folder holds nothing of it' holds_no_data "$home"
check 'nothing is left in /tmp' nothing_in_tmp

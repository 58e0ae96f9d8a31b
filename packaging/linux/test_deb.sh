#!/bin/sh
# Installs, upgrades, uses and purges the .deb in a clean Debian. Started by test_packages.sh, in
# namespaces without a network: sh test_deb.sh ROOT SUITE WORK_FOLDER DEB LOWER_DEB OLD_FILE
set -u
root=$1 suite=$2 work=$3 deb=$4 lower=$5 old_file=$6 kind=deb
. "$(dirname "$0")/clean_system.sh"
trap 'exit 130' HUP INT TERM

program=/usr/bin/notesearch
library=/usr/lib/notesearch

install_package() { # FILE
    cp "$1" "$root/tmp/package.deb" && apt install /tmp/package.deb
}

has_version() { # DEB
    version=$(dpkg-deb -f "$1" Version)
    [ "$(in_root dpkg-query -Wf '${Version}' notesearch)" = "$version" ]
}

# Of the lower version alone.
has_old_file() {
    ls "$root/$old_file"
}

has_no_old_file() {
    ! has_old_file
}

verifies() {
    said=$(in_root dpkg --verify notesearch) && echo "$said" && [ -z "$said" ]
}

in_the_menu() {
    ls "$root/usr/share/applications/io.github.notesearch.Notesearch.desktop" \
        "$root/usr/share/man/man1/notesearch.1.gz" \
        "$root/usr/share/icons/hicolor/48x48/apps/io.github.notesearch.Notesearch.png"
}

# All files, apart from those that this or any other installation by apt and dpkg leaves:
# - var/lib/dpkg, var/lib/apt, var/cache/apt, var/log: what the two know and say of themselves;
# - var/cache/debconf: answers to questions of packages, of which there is none here;
# - var/cache/ldconfig, etc/ld.so.cache: what the loader knows, made anew by triggers of libc;
# - home: no package touches it, and it is checked apart.
all_files() {
    find "$root" -xdev \( -path "$root/var/lib/dpkg" -o -path "$root/var/lib/apt" \
        -o -path "$root/var/cache/apt" -o -path "$root/var/cache/debconf" \
        -o -path "$root/var/log" -o -path "$root/var/cache/ldconfig" \
        -o -path "$root/etc/ld.so.cache" -o -path "$root/home" \) -prune -o -printf '%P\n' | sort
}

purge() {
    apt purge notesearch && apt autoremove --purge
}

no_file_is_left() {
    all_files | diff "$work/before" - || return 1
    ! find "$root" -xdev -path "$root/home" -prune -o -iname '*notesearch*' -print | grep .
}

mount_all
start_screen
add_user anna /home/anna
add_user bert /home/bert
all_files >"$work/before"

check 'no Python before' no_python
check 'no network' no_network
check 'the lower version installs' install_package "$lower"
check 'it has its version' has_version "$lower"
check 'it has a file that the other has not' has_old_file
check 'no Python was brought in' no_python
check 'dpkg --verify' verifies
check 'menu, icon and manual page are there' in_the_menu
check 'self-test offscreen' self_test offscreen anna $program
check 'nothing is left in the home folder by it' is_empty_home /home/anna
copy_notes anna $library
check 'notes are read' reads_notes anna $program
check 'a note is found' finds anna $program

check 'the upgrade installs' install_package "$deb"
check 'it has its version' has_version "$deb"
check 'no file of the lower version is left' has_no_old_file
check 'dpkg --verify after the upgrade' verifies
check 'the note is found in the same library' finds anna $program
check 'no note is read again' reads_nothing_again anna $program /home/anna
check 'self-test offscreen after the upgrade' self_test offscreen anna $program
check 'self-test under Xvfb' self_test xcb anna $program
check 'screenshot' takes_screenshot anna $program
check 'the window opens and is painted' opens_a_window anna $program
check 'it ends when told' ends_when_told anna $program
check 'the home folder holds only what is documented' holds_only_documented /home/anna
check 'nothing is left in /tmp' nothing_in_tmp

copy_notes bert $library
check 'notes of a second user are read' reads_notes bert $program
check 'their data can be removed' without_screen bert $program --remove-data --yes
check 'their home folder holds nothing of it then' holds_no_data /home/bert

check 'purge' purge
check 'no file of the package is left' no_file_is_left
check 'the library of the first user is' library_is_there /home/anna

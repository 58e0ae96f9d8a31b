#!/bin/sh
# Makes the package that installs notesearch for one user, without an administrator.
#
#   sh packaging/linux/selfextract.sh BUNDLE OUT_FOLDER [PYTHON]
#
# writes OUT_FOLDER/notesearch-VERSION-x86_64.run. Two runs over the same bundle write the same bytes,
# on any file system. Needs makeself and xz, and for the manual page a Python that notesearch runs
# with: PYTHON, or that of the build.
set -eu
umask 022
export LC_ALL=C TZ=UTC

stop() {
    echo "selfextract.sh: $*" >&2
    exit 1
}

[ $# -ge 2 ] || stop "usage: selfextract.sh BUNDLE OUT_FOLDER [PYTHON]"
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bundle=$(cd "$1" && pwd) || stop "there is no bundle in $1; make one first: make bundle"
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$root/notesearch/__init__.py")
python=${3:-$root/build/venv/bin/python}
command -v "$python" >/dev/null ||
    stop "$python is no program: make it by make build/.venv, or name another Python"
epoch=$("$python" "$root/packaging/moment.py") || stop "nothing was made"
export SOURCE_DATE_EPOCH="$epoch"
file=notesearch-$version-x86_64.run

[ -x "$bundle/notesearch" ] || stop "there is no program notesearch in $bundle"
for program in makeself xz; do
    command -v "$program" >/dev/null ||
        stop "$program is missing; on Debian: apt-get install makeself xz-utils"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

# What is named where a library is missing: the library, the package of Debian, that of Arch.
sed 's/#.*//' "$here/depends.txt" | awk 'NF {count = split($1, names, ",")
    for (i = 1; i <= count; i++) {sub("[?]$", "", names[i]); print names[i], $2}}' |
    sort -k 1,1 -u >"$scratch/debian"
sed '/^#/d' "$here/arch-packages.txt" | sort -k 1,1 >"$scratch/arch"
unnamed=$(join -v 1 "$scratch/debian" "$scratch/arch" | awk '{print $1}')
[ -z "$unnamed" ] || stop "name the packages of these libraries in arch-packages.txt:" $unnamed

payload=$scratch/payload
mkdir "$payload"
cp -RP "$bundle" "$payload/notesearch"
cp "$here/install.sh" "$here/uninstall.sh" "$payload"
join "$scratch/debian" "$scratch/arch" >"$payload/libraries.txt"
PYTHONPATH=$root PYTHONDONTWRITEBYTECODE=1 "$python" "$here/man.py" "$version" \
    >"$payload/notesearch.1" ||
    stop "the manual page could not be made by $python; name one with notesearch's libraries"

# makeself asks du how much room is needed, and writes the answer into the package; what du says
# differs from one file system to the next.
mkdir "$scratch/bin"
cat >"$scratch/bin/du" <<'END'
#!/bin/sh
# du -ks PATH, by the sizes of the files alone
for path in "$@"; do :; done
find "$path" -type f -printf '%s\n' | awk '{all += $1} END {printf "%d\n", all / 1024 + 1}'
END
chmod 755 "$scratch/bin/du"

# From the scratch folder, since makeself writes its own command line into the package.
cd "$scratch"
PATH=$scratch/bin:$PATH makeself --quiet --tar-quietly --xz --complevel 9 --threads 1 --nox11 --sha256 --nomd5 --nocrc \
    --packaging-date "$(date -u -d "@$epoch" '+%Y-%m-%d %H:%M:%S UTC')" \
    --tar-extra "--sort=name --mtime=@$epoch --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w" \
    payload "$file" "notesearch $version" sh ./install.sh
# With sh, the installer also runs where /tmp is mounted with noexec.
mv "$file" "$out/$file"
echo "$out/$file"

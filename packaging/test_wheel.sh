#!/usr/bin/env bash
# Installs the wheel into empty environments by pip, pipx and uv, tries each out in an empty home,
# removes it again and looks at what is left.
#
# Usage: packaging/test_wheel.sh WHEEL [WORKDIR]
#
# PYTHON names the Python (3.11 or later) to install for. Prints a line for each check, and counts.
set -u

[ $# -ge 1 ] || { sed -n 's/^# Usage: /usage: /p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
wheel=$(realpath "$1") || exit 2
work=${2:-$(mktemp -d)}
python=${PYTHON:-python3}
log=$work/log.txt
passed=0 done=0

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "$python is not a Python of at least 3.11; name one: PYTHON=python3.12 $0 ..." >&2
    exit 2
fi
python=$("$python" -c 'import sys; print(sys.executable)')
version=$("$python" "$here/version.py")
mkdir -p "$work"
rm -rf "${work:?}"/{pip,pipx,uv,home}
: >"$log"

# A name, and a command that must do without complaint; what it says is shown if it does not.
check() {
    local name=$1
    shift
    done=$((done + 1))
    echo "== $name: $*" >>"$log"
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
        echo "ok     $name"
    else
        echo "FAILED $name"
        sed 's/^/       /' "$work/said"
    fi
    cat "$work/said" >>"$log"
}

# A new environment in a folder, with what is to be in it.
environment() {
    local folder=$1
    shift
    "$python" -m venv "$folder" && "$folder/bin/pip" install --quiet "$@"
}

only_ours() {
    "$python" - "$wheel" <<'END'
import re, sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
strange = [n for n in names if not re.match(
    r"notesearch/(?!_data/)[\w/]+\.py$|notesearch/_data/(models|resources/(icons|sample-notes))/"
    r"|notesearch-[^/]+\.dist-info/", n)]
data = ("models/all-MiniLM-L6-v2/model.onnx", "resources/icons/notesearch.svg",
        "resources/sample-notes/Recipes/Sourdough.md")
missing = [n for n in data if f"notesearch/_data/{n}" not in names]
sys.exit("\n".join([*(f"strange: {n}" for n in strange), *(f"missing: {n}" for n in missing)]) or 0)
END
}

# The entry of the desktop's menu comes and goes with all its files.
desktop_entry() {
    rm -rf "${work:?}/home"
    mkdir "$work/home"
    local in_home=(env -i "PATH=$PATH" "HOME=$work/home" QT_QPA_PLATFORM=offscreen "$1") file
    "${in_home[@]}" --install-desktop-entry >"$work/written" || return 1
    [ -s "$work/written" ] || { echo "no file was named"; return 1; }
    while read -r file; do
        [ -f "$file" ] || { echo "not there: $file"; return 1; }
        case $file in
        *.desktop) ! command -v desktop-file-validate >/dev/null ||
            desktop-file-validate "$file" || return 1 ;;
        esac
    done <"$work/written"
    "${in_home[@]}" --remove-desktop-entry || return 1
    nothing "$work/home" '*'
}

# No file of a name is left below a folder.
nothing() {
    local left
    [ -e "$1" ] || return 0
    left=$(find "$1" -not -type d -iname "$2")
    [ -z "$left" ] || { echo "left: $left"; return 1; }
}

try_out() {
    check "$1: runs" "$python" "$here/smoke.py" "$2" --version "$version"
    if [ "$(uname -s)" = Linux ]; then
        check "$1: desktop entry comes and goes" desktop_entry "$2"
    fi
}

check "wheel holds the program and its data, nothing else" only_ours

check "pip: installs" environment "$work/pip" "$wheel"
try_out pip "$work/pip/bin/notesearch"
check "pip: removes" "$work/pip/bin/pip" uninstall --quiet --yes notesearch
check "pip: nothing is left" nothing "$work/pip" '*notesearch*'

if [ ! -x "$work/tools/bin/uv" ] || [ ! -x "$work/tools/bin/pipx" ]; then
    check "pipx and uv are there" environment "$work/tools" pipx uv
fi
export PIPX_HOME=$work/pipx PIPX_BIN_DIR=$work/pipx/bin PIPX_MAN_DIR=$work/pipx/man
export PIPX_DEFAULT_PYTHON=$python
check "pipx: installs" "$work/tools/bin/pipx" install --quiet "$wheel"
try_out pipx "$work/pipx/bin/notesearch"
check "pipx: removes" "$work/tools/bin/pipx" uninstall --quiet notesearch
check "pipx: nothing is left" nothing "$work/pipx/venvs/notesearch" '*'
check "pipx: no command is left" nothing "$work/pipx/bin" '*'

export UV_TOOL_DIR=$work/uv/tools UV_TOOL_BIN_DIR=$work/uv/bin UV_PYTHON_DOWNLOADS=never
check "uv: installs" "$work/tools/bin/uv" tool install --quiet --python "$python" "$wheel"
try_out uv "$work/uv/bin/notesearch"
check "uv: removes" "$work/tools/bin/uv" tool uninstall --quiet notesearch
check "uv: nothing is left" nothing "$work/uv/tools" '*notesearch*'
check "uv: no command is left" nothing "$work/uv/bin" '*'

echo "$passed of $done checks passed"
[ "$passed" = "$done" ]

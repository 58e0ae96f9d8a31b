#!/usr/bin/env bash
# Checks every package, and all that packages are made of, by the tools that judge such things; a
# warning counts as a failure. Prints a line for each check and counts them at the end.
#
# Usage: packaging/check.sh [DIST]
#
# DIST has what `make deb` made (dist). PYTHON names a Python that has what is pinned in
# constraints.txt; without it that is the one of build/venv, or else of .venv.
set -u

cd "$(dirname "$0")/.." || exit 2
dist=${1:-dist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 done=0

for python in ${PYTHON:-} build/venv/bin/python .venv/bin/python python3; do
    "$python" -c 'import notesearch.cli, packaging.requirements' 2>/dev/null && break
done
python=$(command -v "$python" || echo python3)
# Programs that were installed beside this Python come first, then those of the developers.
PATH=$(cd "$(dirname "$python")" && pwd):$PATH:$PWD/.venv/bin
export PATH PYTHONPATH=$PWD PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen
version=$("$python" packaging/version.py)
deb=$dist/notesearch_${version}_amd64.deb
bundle=$dist/notesearch

# A name, and a command that must succeed; what it says is shown if it does not.
check() {
    local name=$1
    shift
    done=$((done + 1))
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
        echo "ok     $name"
    else
        echo "FAILED $name"
        sed 's/^/       /' "$work/said"
    fi
}

# The same for a tool whose warnings do not change its exit code: it must say nothing.
silent() {
    local said
    if ! said=$("$@" 2>&1) || [ -n "$said" ]; then
        echo "$said"
        return 1
    fi
}

there() {
    [ -e "$1" ] || { echo "$1 is not there; run first: make $2"; return 1; }
}

scripts() {
    find packaging .ci -type f \( -name '*.sh' -o -name AppRun -o -path '.ci/*' \) \
        -exec grep -lE '^#!.*\b(ba)?sh\b' {} + | sort
}

parse_scripts() {
    local script failed=0
    [ -n "$(scripts)" ] || { echo "there are none"; return 1; }
    for script in $(scripts); do
        silent "$(sed -n '1s/.*[/ ]\(ba\)\?sh.*/\1sh/p' "$script")" -n "$script" || failed=1
    done
    return $failed
}

shellcheck_scripts() {
    scripts | xargs shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR
}

no_package() {
    silent find packaging -name '__init__.py'
}

desktop_entry() {
    local file
    file=$work/$("$python" -c 'from notesearch.paths import APP_ID; print(APP_ID)').desktop
    "$python" -c 'from notesearch import desktop_entry, paths
print(desktop_entry.text(["notesearch"], paths.APP_ID), end="")' >"$file" || return 1
    silent desktop-file-validate "$file"
}

metainfo() {
    "$python" packaging/linux/metainfo.py >"$work/notesearch.metainfo.xml" || return 1
    appstreamcli validate --no-net --pedantic --no-color "$work/notesearch.metainfo.xml" \
        >"$work/judged" 2>&1
    local result=$?
    # Infos are of what this version does not know yet.
    if [ $result != 0 ] || grep -qE '^[EW]:' "$work/judged"; then
        cat "$work/judged"
        return 1
    fi
}

man_page() {
    "$python" packaging/linux/man.py >"$work/notesearch.1" || return 1
    [ -s "$work/notesearch.1" ] || { echo "it is empty"; return 1; }
    MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$work/notesearch.1" \
        2>"$work/warned" >/dev/null
    silent cat "$work/warned"
}

lint_deb() {
    there "$deb" deb || return 1
    # As root, lintian says nothing and succeeds unless it is told that this is meant.
    silent lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$deb"
}

depends() {
    there "$bundle" bundle && "$python" packaging/linux/check_depends.py "$bundle"
}

licences() {
    there "$bundle/_internal/licences/components.json" bundle || return 1
    "$python" packaging/sbom.py --check "$bundle"
}

bill_of_materials() {
    there "$bundle/_internal/licences/components.json" bundle || return 1
    "$python" packaging/sbom.py "$bundle" "$work/1.json" && \
        "$python" packaging/sbom.py "$bundle" "$work/2.json" && cmp "$work/1.json" "$work/2.json"
}

windows_installer() {
    local folder=$work/stand-in
    mkdir -p "$folder/_internal"
    echo stand-in | tee "$folder/notesearch" >"$folder/_internal/part"
    "$python" packaging/windows/build_installer.py "$folder" "$work/windows" --stand-in
}

plists() {
    "$python" - <<'END'
import pathlib, plistlib, sys
import runpy
plistlib.dumps(runpy.run_path("packaging/macos/info.py")["INFO"])
files = sorted(f for f in pathlib.Path("packaging/macos").rglob("*")
               if f.suffix in {".plist", ".entitlements"})
for file in files:
    plistlib.loads(file.read_bytes())
sys.exit(0 if files else "packaging/macos has no property list")
END
}

recipes() {
    "$python" - <<'END'
import pathlib, sys, yaml
files = [*pathlib.Path("packaging/linux/flatpak").glob("*.yml"),
         *pathlib.Path("packaging/linux/snap").glob("*.yaml")]
for file in files:
    made = yaml.safe_load(file.read_text(encoding="utf-8"))
    network = [line for line in str(made).split("'") if "network" in line and "share" in line]
    assert not network, f"{file} asks for the network"
sys.exit(0 if len(files) == 2 else "a recipe is missing")
END
}

workflows() {
    check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
}

check "one version, in changelog too; nothing invented" "$python" packaging/version.py --check
check "packaging is no Python package" no_package
check "pins: complete, hashed, as pyproject.toml asks" "$python" packaging/pins.py
check "shell scripts parse" parse_scripts
check "shell scripts: shellcheck" shellcheck_scripts
check "Python scripts: ruff check" ruff check --quiet packaging
check "Python scripts: ruff format" ruff format --quiet --check packaging
check "workflows: schema" workflows
check "desktop entry: desktop-file-validate" desktop_entry
check "metainfo: appstreamcli --pedantic" metainfo
check "manual page: man --warnings" man_page
check "Windows installer: makensis -WX" windows_installer
check "macOS: property lists" plists
check "Flatpak and snap: readable, without a network" recipes
check "Depends: complete and minimal" depends
check "licences: one for each part" licences
check "bill of materials: valid, and the same twice" bill_of_materials
check "package: lintian" lint_deb

echo "$passed of $done checks passed"
[ "$passed" = "$done" ]

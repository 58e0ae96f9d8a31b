"""What packages are made with: one version, pinned parts, workflows without needless rights."""

import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PACKAGING_README = PACKAGING / "README.md"

RELEASED = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2030-01-31\n\n- It is new.\n"
IDENTITY = {"EMAIL": "notes@some.org", "HOMEPAGE": "https://some.org", "ISSUES": "",
            "RELEASES": "https://some.org/releases"}  # fmt: skip

# Secrets of steps that run only where something is signed, which only tags are.
UNDER_A_CONDITION = {
    "secrets.AZURE_CLIENT_SECRET",
    "secrets.MACOS_CERTIFICATE",
    "secrets.MACOS_CERTIFICATE_PASSWORD",
}

# The source archive has no workflows.
has_workflows = pytest.mark.skipif(not WORKFLOWS, reason="no workflows here")


def script(name):
    """Import a script of packaging/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", PACKAGING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


version = script("version")


@pytest.fixture
def tree(tmp_path):
    """Write a source tree, ready to be released but for what is given."""

    def write(changelog=RELEASED, own="1.2.3", project='dynamic = ["version"]', **identity):
        package = tmp_path / "notesearch"
        package.mkdir()
        (package / "__init__.py").write_text(f'__version__ = "{own}"\n', encoding="utf-8")
        lines = (f'{name} = "{value}"\n' for name, value in (IDENTITY | identity).items())
        (package / "identity.py").write_text("".join(lines), encoding="utf-8")
        (tmp_path / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text(f"[project]\n{project}\n", encoding="utf-8")
        return tmp_path

    return write


# The version ---------------------------------------------------------------------------------


def test_the_version_is_printed():
    done = subprocess.run(
        [sys.executable, PACKAGING / "version.py"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", done.stdout)


def test_nothing_here_contradicts_the_version():
    assert list(version.check(ROOT)) == []


def test_a_complete_tree_can_be_released(tree):
    assert list(version.check_tag(tree(), "v1.2.3")) == []


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", "v1.2.3rc1", "v1.2.30"])
def test_another_tag_is_refused(tree, tag):
    (said,) = version.check_tag(tree(), tag)
    assert tag in said
    assert "tag v1.2.3" in said


@pytest.mark.parametrize(
    "title", ["", "## [Unreleased]", "## [1.2.3]", "## [1.2.3] - soon", "## [11.2.3] - 2030-01-31"]
)
def test_a_release_has_a_dated_section(tree, title):
    said = list(version.check_tag(tree(f"# Changelog\n\n{title}\n\n- It is new.\n"), "v1.2.3"))
    assert said[0].startswith("CHANGELOG.md: ")
    assert "[1.2.3] - YYYY-MM-DD" in said[0]


def test_a_release_says_what_is_new(tree):
    said = list(version.check_tag(tree("## [1.2.3] - 2030-01-31\n\n## [1.2.2]\n\n- Old.\n"),
                                  "v1.2.3"))  # fmt: skip
    assert said == ["CHANGELOG.md: say below [1.2.3] what is new"]


@pytest.mark.parametrize("name", ["HOMEPAGE", "RELEASES", "EMAIL"])
def test_a_release_names_who_makes_it(tree, name):
    (said,) = version.check_tag(tree(**{name: ""}), "v1.2.3")
    assert f"fill in {name}" in said


@pytest.mark.parametrize(
    "identity",
    [
        {"EMAIL": "someone@example.com"},
        {"EMAIL": "someone"},
        {"HOMEPAGE": "http://some.org"},
        {"HOMEPAGE": "https://github.com/your-name/notesearch"},
        {"ISSUES": "TODO"},
        {"RELEASES": "https://localhost/releases"},
    ],
)
def test_stand_ins_for_addresses_are_refused(tree, identity):
    (said,) = version.check(tree(**identity))
    assert f"{next(iter(identity))} cannot be" in said


def test_what_is_not_known_may_be_empty(tree):
    assert list(version.check(tree(EMAIL="", HOMEPAGE="", RELEASES=""))) == []


def test_the_changelog_must_have_a_place_for_what_is_new(tree):
    (said,) = version.check(tree("# Changelog\n"))
    assert "add '## [Unreleased]'" in said


@pytest.mark.parametrize("project", ['version = "1.2.3"', 'name = "notesearch"'])
def test_the_version_stands_in_one_place(tree, project):
    (said,) = version.check(tree(project=project))
    assert "pyproject.toml" in said


def test_repetitions_of_the_version_are_found(tree):
    root = tree()
    linux = root / "packaging" / "linux"
    linux.mkdir(parents=True)
    (linux / "build.sh").write_text("one\nversion=1.2.3\n", encoding="utf-8")
    (linux / "depends.txt").write_text("libc6 (>= 11.2.3), 1.2.3.4, 1.2.31\n", encoding="utf-8")
    (root / "packaging" / "constraints.txt").write_text("other==1.2.3\n", encoding="utf-8")
    assert list(version.check(root)) == [
        "packaging/linux/build.sh:2: says 1.2.3; ask packaging/version.py instead"
    ]


@pytest.mark.parametrize("own", ["1.2", "1.2.3-beta", "v1.2.3"])
def test_only_three_numbers_are_a_version(tree, own):
    said = list(version.check(tree(own=own)))
    assert any("is not of the form" in one for one in said)


def test_notes_are_the_section_of_the_version(tree):
    assert version.notes(tree()) == "- It is new."


def test_notes_of_no_release_are_what_is_unreleased(tree):
    assert (
        version.notes(tree("## [Unreleased]\n\n- Soon.\n\n## [1.2.2] - 2030-01-01\n")) == "- Soon."
    )


# The folder ----------------------------------------------------------------------------------


def test_files_have_the_same_bytes_on_every_system():
    # Git on Windows writes other ends of lines where it is not told, and checksums are kept.
    lines = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["* -text"]


def test_packaging_is_no_package():
    assert list(PACKAGING.rglob("__init__.py")) == []


def test_the_library_of_the_same_name_is_found_from_here():
    pytest.importorskip("packaging.version")
    done = subprocess.run(
        [sys.executable, "-c", "import packaging.version; print(packaging.version.__file__)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not Path(done.stdout.strip()).is_relative_to(PACKAGING)


def test_scripts_say_how_they_are_used():
    for file in PACKAGING.glob("*.sh"):
        assert file.read_text(encoding="utf-8").startswith("#!"), file
    for name in ("version", "smoke", "sbom", "pins", "bundle"):
        assert f"python packaging/{name}.py" in (PACKAGING / f"{name}.py").read_text("utf-8")


# Pins ----------------------------------------------------------------------------------------


@pytest.fixture
def pins():
    pytest.importorskip("packaging.requirements")
    return script("pins")


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-dev.txt"])
def test_every_dependency_is_pinned_with_hashes(pins, file):
    assert list(pins.problems(ROOT, file)) == []


def test_the_source_tree_can_be_installed_as_it_is_with_what_is_pinned(pins):
    backend = pytest.importorskip("hatchling.build")
    pinned = {pin.name: pin.version for pin in pins.read(PACKAGING / "constraints-dev.txt")}
    for asked in map(pins.Requirement, backend.get_requires_for_build_editable()):
        assert asked.specifier.contains(pinned[asked.name])


@pytest.fixture
def pinned(tmp_path, pins):
    """Say what is wrong with pins for one dependency."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        "[project]\ndependencies = [\"one>=2; sys_platform == 'linux'\"]\n"
        "[project.optional-dependencies]\npackaging = []\n",
        encoding="utf-8",
    )

    def ask(text):
        (tmp_path / "packaging" / "constraints.txt").write_text(text, encoding="utf-8")
        return list(pins.problems(tmp_path, "constraints.txt"))

    return ask


def test_pins_as_uv_writes_them_are_read(pinned):
    assert pinned("# by uv\none==2.1 ; sys_platform == 'linux' \\\n    --hash=sha256:0 \\\n"
                  "    --hash=sha256:1\n    # via two\n") == []  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "one>=2 for Python 3.11 on Linux has nothing"),
        ("one==1.9 --hash=sha256:0", "one>=2 for Python 3.11 on Linux has 1.9"),
        ("one==2.1", "one==2.1 is not pinned to one version with its hash"),
        ("one>=2 --hash=sha256:0", "one>=2 is not pinned to one version with its hash"),
        ("one==2.1 ; sys_platform == 'win32' --hash=sha256:0", "on Linux has nothing"),
        ("one==2.1 ; python_version < '3.12' --hash=sha256:0", "Python 3.12 on Linux has nothing"),
    ],
)
def test_wrong_pins_are_named(pinned, text, said):
    assert any(said in one for one in pinned(text))


# Workflows -----------------------------------------------------------------------------------


def workflow(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path):
    return [step for job in workflow(path)["jobs"].values() for step in job.get("steps", ())]


@has_workflows
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_and_named_by_version(path):
    uses = re.findall(r"^\s*(?:- )?uses: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert uses
    for one in uses:
        assert one.startswith("./") or re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)


@has_workflows
def test_an_action_has_the_same_hash_everywhere():
    used = {step["uses"].split("@")[0]: set() for path in WORKFLOWS for step in steps(path)
            if "uses" in step}  # fmt: skip
    for path in WORKFLOWS:
        for step in steps(path):
            if "uses" in step:
                used[step["uses"].split("@")[0]].add(step["uses"])
    assert {name: found for name, found in used.items() if len(found) > 1} == {}


@has_workflows
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_do_no_more_than_needed(path):
    read = workflow(path)
    assert read["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in read["jobs"].items() if "permissions" in job}
    needed = {
        "release.yml": {
            "draft": {"contents": "write", "id-token": "write", "attestations": "write"}
        },
        "publish.yml": {"pypi": {"contents": "read", "id-token": "write"}},
    }
    assert more == needed.get(path.name, {})
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@has_workflows
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_ends_some_time(path):
    for job in workflow(path)["jobs"].values():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 120


@has_workflows
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_command_is_made_of_what_others_wrote(path):
    # Names of branches and tags, and secrets, reach a shell as variables only.
    for step in steps(path):
        assert "${{" not in step.get("run", "")


@has_workflows
def test_secrets_reach_only_steps_that_need_them():
    for path in WORKFLOWS:
        read = workflow(path)
        around = [read.get("env", {}), *(job.get("env", {}) for job in read["jobs"].values())]
        for value in (str(value) for env in around for value in env.values()):
            # Whether there is a secret may be known everywhere.
            assert not re.search(r"secrets\.\w+(?! != '')\b", value), value


@has_workflows
def test_only_tags_are_signed():
    for path in WORKFLOWS:
        for value in re.findall(r"\$\{\{(.*?)\}\}", path.read_text(encoding="utf-8"), re.DOTALL):
            guarded = "github.ref_type == 'tag' &&" in value
            assert "secrets." not in value or guarded or value.strip() in UNDER_A_CONDITION, value
        for step in steps(path):
            if any(one in str(step) for one in UNDER_A_CONDITION):
                assert re.fullmatch(r"env\.SIGN_\w+ == 'true'", step["if"])


@has_workflows
def test_what_cannot_be_replaced_is_published_by_a_person():
    for path in WORKFLOWS:
        if any("pypi-publish" in step.get("uses", "") for step in steps(path)):
            # YAML reads "on" as true.
            assert workflow(path)[True] == {"release": {"types": ["published"]}}


@has_workflows
def test_every_secret_and_variable_is_documented():
    said = PACKAGING_README.read_text(encoding="utf-8") if PACKAGING_README.is_file() else ""
    named = set()
    for path in WORKFLOWS:
        named |= set(re.findall(r"(?:secrets|vars)\.(\w+)", path.read_text(encoding="utf-8")))
    missing = [name for name in sorted(named) if f"`{name}`" not in said]
    if len(missing) == len(named):
        pytest.skip("packaging/README.md does not speak of them")
    assert missing == []


@has_workflows
def test_files_that_workflows_call_are_there():
    for path in WORKFLOWS:
        called = set(re.findall(r"packaging/[\w/.-]+\.\w+", path.read_text(encoding="utf-8")))
        assert called
        assert [name for name in sorted(called) if not (ROOT / name).is_file()] == []


@has_workflows
def test_targets_that_workflows_make_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in WORKFLOWS:
        for step in steps(path):
            for targets in re.findall(r"\bmake ([a-z -]+)$", step.get("run", ""), re.MULTILINE):
                for target in targets.split():
                    assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


# The wheel -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Copy what a wheel is made from, so that nothing is written into the tree."""
    folder = tmp_path_factory.mktemp("source")
    left_out = shutil.ignore_patterns("__pycache__", "screenshots")
    for name in ("notesearch", "models", "resources", "tests", "packaging"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source):
    pytest.importorskip("hatchling.build")
    build = "import hatchling.build, sys; hatchling.build.build_wheel(sys.argv[1])"
    for folder in ("built-1", "built-2"):
        subprocess.run(
            [sys.executable, "-c", build, folder], cwd=source, capture_output=True, check=True
        )
    return sorted(source.glob("built-*/*.whl"))


def test_two_wheels_of_the_same_tree_are_the_same(wheel):
    first, second = wheel
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_the_wheel_holds_the_program_and_its_data_and_nothing_else(wheel, source):
    names = set(zipfile.ZipFile(wheel[0]).namelist())
    code = {file.relative_to(source).as_posix() for file in (source / "notesearch").rglob("*.py")}
    data = {
        f"notesearch/_data/{file.relative_to(source).as_posix()}"
        for folder in ("models/all-MiniLM-L6-v2", "resources/icons", "resources/sample-notes")
        for file in (source / folder).rglob("*") if file.is_file()
    }  # fmt: skip
    about = {name for name in names if ".dist-info/" in name}
    assert code | data == names - about
    assert any(name.endswith("/licenses/LICENSE") for name in about)


def test_the_wheel_is_small_enough_for_pypi(wheel):
    assert wheel[0].stat().st_size < 100_000_000

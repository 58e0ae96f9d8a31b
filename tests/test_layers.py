"""Who may import whom."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "notesearch"
CORE = PACKAGE / "core"

FORBIDDEN_NAMES = {"manager", "helper", "helpers", "util", "utils", "common", "base", "service"}
GUI_MAY_IMPORT = {
    "notesearch.core.notes", "notesearch.settings", "notesearch.launch", "notesearch.openers",
    "notesearch.paths", "notesearch.translation", "notesearch.vaults", "notesearch.identity",
    "notesearch.components",
}  # fmt: skip

OUTSIDE_CORE = {"access": ["paths"], "upkeep": ["settings"], "engine": ["paths", "settings"]}


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def imported(path, *, at_start=False):
    """Return the modules that a file imports; at_start: only outside of functions."""
    names = set()
    waiting = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            ours = node.module.split(".")[0] == "notesearch"
            names.update(name if ours and is_module(name) else node.module for name in inner)
        waiting.extend(ast.iter_child_nodes(node))
    return names


def ours(names):
    return {name for name in names if name.startswith("notesearch.")}


def core_order():
    docstring = ast.get_docstring(ast.parse((CORE / "__init__.py").read_text(encoding="utf-8")))
    return re.findall(r"^(\w+) - \S", docstring, re.MULTILINE)


CORE_FILES = sorted(path for path in CORE.glob("*.py") if path.stem != "__init__")
GUI_FILES = sorted((PACKAGE / "gui").rglob("*.py"))


def name_of(path):
    return module_name(path)


def test_the_docstring_names_every_module_of_the_core_once():
    assert sorted(core_order()) == [path.stem for path in CORE_FILES]


@pytest.mark.parametrize("path", CORE_FILES, ids=name_of)
def test_a_core_module_imports_only_modules_above_it(path):
    order = core_order()
    above = {f"notesearch.core.{name}" for name in order[: order.index(path.stem)]}
    # What the user reads is said in the user's language everywhere.
    above.add("notesearch.translation")
    for outside in OUTSIDE_CORE.get(path.stem, ()):
        # Values that the core is told; those modules know nothing else of the program.
        assert ours(imported(PACKAGE / f"{outside}.py")) <= {
            "notesearch.paths", "notesearch.translation",
        }  # fmt: skip
        above.add(f"notesearch.{outside}")
    names = imported(path)
    assert ours(names) <= above
    assert not any(name.split(".")[0] == "PySide6" for name in names)


@pytest.mark.parametrize("path", GUI_FILES, ids=name_of)
def test_the_gui_knows_only_values_and_the_bridge_the_engine(path):
    allowed = set(GUI_MAY_IMPORT)
    if path.stem == "bridge":
        allowed.add("notesearch.core.engine")
    outside = {name for name in ours(imported(path)) if not name.startswith("notesearch.gui")}
    assert outside <= allowed


def test_the_command_line_starts_without_a_window():
    names = imported(PACKAGE / "cli.py", at_start=True)
    forbidden = ("notesearch.app", "notesearch.gui", "PySide6")
    assert not {name for name in names if name.startswith(forbidden)}


@pytest.mark.parametrize("name", ["packaging", "models", "resources"])
def test_folders_of_files_are_no_packages(name):
    assert not list((ROOT / name).rglob("__init__.py"))


def test_no_module_has_a_name_that_says_nothing():
    stems = {path.stem for path in PACKAGE.rglob("*.py")} | {
        path.name for path in PACKAGE.rglob("*") if path.is_dir()
    }
    assert not stems & FORBIDDEN_NAMES


def test_the_engine_needs_no_qt():
    program = (
        "import sys\n"
        "class NoQt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'PySide6':\n"
        "            raise ImportError('Qt was imported')\n"
        "sys.meta_path.insert(0, NoQt())\n"
        "import notesearch.core.engine\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("word", ["toggle", "show", "quit"])
def test_a_word_to_the_program_that_runs_needs_nothing_heavy(word, tmp_path):
    program = (
        "import sys\n"
        "class Light:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'PySide6', 'onnxruntime', 'usearch', 'numpy', "
        "'tokenizers', 'sqlite3'}:\n"
        "            raise ImportError(f'{name} was imported')\n"
        "sys.meta_path.insert(0, Light())\n"
        "from notesearch import __main__, instance, paths, remote\n"
        # On a busy machine a word, and the answer to it, take their time.
        "instance.ANSWER_SECONDS = remote.ANSWER_SECONDS = remote.QUIT_SECONDS = 60.0\n"
        "instance.channel.SECONDS = 60.0\n"
        "mine, heard = instance.Instance.claim(paths.user_paths(sys.argv[2])), []\n"
        # Who is told to end, ends.
        "mine.listen(lambda call: mine._release() if call.word == 'quit' else None)\n"
        "code = __main__.main()\n"
        "mine.close()\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--data-dir", tmp_path / "data", f"--{word}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")

# Everything lives in .venv; nothing is installed outside of it but missing system libraries,
# and those only by an administrator on a system with apt.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
ARGS ?=

.PHONY: run test test-window screenshots soak setup check clean \
	FORCE bundle deb selfextract wheel test-wheel test-packages check-packaging constraints

run: setup
	$(BIN)/notesearch $(ARGS)

# The whole suite, without a screen. Many tests wait for the system: three processes keep two cores
# busy.
test: $(VENV)/.developing
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

# The window's tests on a real X server.
test-window: $(VENV)/.developing
	@command -v xvfb-run >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && apt-get install -qq -y xvfb xauth >/dev/null; } || \
		{ echo "This needs xvfb-run: sudo apt-get install xvfb" >&2; exit 1; }
	QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1200x24" $(BIN)/python -m pytest \
		$$(grep -l qtbot tests/test_*.py) $(ARGS)

# Pictures of every state of the window, light and dark, at 100 % and 200 %.
screenshots: $(VENV)/.developing
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/screenshots.py $(ARGS)

# A storm over the engine, with kills and damaged files: make soak ARGS="--seconds 60 --seed 1"
soak: $(VENV)/.developing
	$(BIN)/python tests/soak.py $(ARGS)

# Format, lint, types and layers.
check: $(VENV)/.developing
	$(BIN)/ruff format --check notesearch tests models/build.py packaging
	$(BIN)/ruff check notesearch tests models/build.py packaging
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

setup: $(VENV)/.running

$(VENV)/.python:
	@bash packaging/linux/system-libraries.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	@touch $@

$(VENV)/.running: $(VENV)/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.developing: $(VENV)/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.running

# Packages. packaging/README.md says what each is and how a release is made. They are made by a
# Python of at least 3.12, from dependencies pinned with hashes, in a virtual environment of its own.

VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' notesearch/__init__.py)
BUILD_VENV ?= build/venv
BUNDLE = dist/notesearch
DEB = dist/notesearch_$(VERSION)_amd64.deb
RUN = dist/notesearch-$(VERSION)-x86_64.run
WHEEL = dist/notesearch-$(VERSION)-py3-none-any.whl
BUILD_PYTHON = $$(PYTHON="$(PYTHON)" sh packaging/python.sh)
SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Scripts find the Python of the build environment; the one that is named here only makes that.
unexport PYTHON

files = $(shell find $(1) -type f -not -name '*.pyc' | sort | sed 's/ /\\ /g')
SHIPPED := $(call files,notesearch models resources/icons resources/sample-notes)
FREEZING := $(call files,packaging/licences) $(wildcard packaging/macos/*.p* packaging/windows/*.py) \
	$(addprefix packaging/,bundle.py constraints.txt elf.py icons.py launch.py moment.py notesearch.spec \
	tree.py)
PACKING := $(wildcard packaging/linux/*.py packaging/linux/*.txt) CHANGELOG.md LICENSE

bundle: build/.bundle
deb: $(DEB)
selfextract: $(RUN)
wheel: $(WHEEL)

build/.tools: packaging/tools.sh packaging/linux/system-libraries.sh
	@mkdir -p build
	bash packaging/linux/system-libraries.sh "$(BUILD_PYTHON)"
	bash packaging/tools.sh
	@touch $@

build/.venv: packaging/constraints.txt
	"$(BUILD_PYTHON)" packaging/bundle.py --venv $(BUILD_VENV) --only-venv
	@touch $@

# All files get the time of the commit, so that another commit is another package; and a file that
# is gone must not stay in it.
build/.source: FORCE
	@mkdir -p build
	@moment=$$("$(BUILD_PYTHON)" packaging/moment.py) || exit 1; { echo "$$moment"; \
		printf '%s\n' $(SHIPPED) $(FREEZING); } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

build/.bundle: build/.source $(SHIPPED) $(FREEZING) | build/.tools build/.venv
	"$(BUILD_PYTHON)" packaging/bundle.py --out dist --venv $(BUILD_VENV)
	@touch $@

$(DEB): build/.bundle $(PACKING) packaging/linux/lintian-overrides
	$(BUILD_VENV)/bin/python packaging/linux/build_deb.py $(BUNDLE) dist

$(RUN): build/.bundle $(PACKING) $(addprefix packaging/linux/,selfextract.sh install.sh uninstall.sh)
	bash packaging/linux/selfextract.sh $(BUNDLE) dist $(BUILD_VENV)/bin/python

$(WHEEL): build/.source $(SHIPPED) README.md LICENSE pyproject.toml | build/.venv
	$(BUILD_VENV)/bin/python -m build --no-isolation --outdir dist

# Installs the wheel as pip, pipx and uv do, each in an empty environment.
test-wheel: $(WHEEL)
	bash packaging/test_wheel.sh $(WHEEL)

# Installs, upgrades and removes the packages in fresh, minimal Debian 12 and 13, as root.
test-packages: $(DEB) $(RUN)
	$(SUDO) bash packaging/linux/test_packages.sh $(DEB) $(RUN) build/test-packages
	@[ -z "$(SUDO)" ] || sudo chown -R "$$(id -u)" build/test-packages

# Pins what is installed, with hashes, anew.
constraints: | build/.venv
	$(PINS) --extra packaging -o packaging/constraints.txt
	$(PINS) --extra dev -o packaging/constraints-dev.txt

PINS = PATH="$(BUILD_VENV)/bin:$$PATH" uv pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url

# Every description, script, page and package by the tools that judge such things.
check-packaging: $(DEB) $(VENV)/.developing | build/.tools
	bash packaging/check.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Everything lives in .venv; nothing is installed outside of it but missing system libraries,
# and those only by an administrator on a system with apt.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
ARGS ?=

.PHONY: run test test-window screenshots soak setup check clean

run: setup
	$(BIN)/notesearch $(ARGS)

# The whole suite, without a screen, in two processes.
test: $(VENV)/.developing
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

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
	$(BIN)/ruff format --check notesearch tests models/build.py
	$(BIN)/ruff check notesearch tests models/build.py
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

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

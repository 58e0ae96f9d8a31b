"""The windows. Imports the values of the core, never what computes them; bridge.py does."""

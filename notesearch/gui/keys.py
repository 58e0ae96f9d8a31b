"""Which key does what, said once: the window takes its shortcuts from here, the help its rows."""

WHY = "Ctrl+I"
RELATED = "Ctrl+D"
WHY_NOT = "Ctrl+Shift+I"
HELP = "F1"
REFRESH = "F5"

KEYS: tuple[tuple[str, str], ...] = (
    ("any text", "searches as you type; an empty box shows the notes that were changed last"),
    ("Up, Down, Page Up, Page Down", "choose a note; Up and Down go round"),
    ("Enter", "opens the chosen note in the system's program for Markdown"),
    (WHY, "says why the chosen note is where it is; again: the note"),
    (RELATED, "shows the notes that are near to it in meaning; again: the note"),
    (WHY_NOT, "says why a note that you name is not in the list"),
    ("Alt+Y", "takes the spelling that is offered"),
    ('Down, at "No close match"', "shows the weaker matches"),
    ("Tab", "leads from the box to what stands beside the list"),
    ("Esc", "clears the box; from anything else, leads back to it"),
    (HELP, "shows the keys and what can be typed"),
    (REFRESH, "compares everything with the disk"),
    ("Ctrl+W, Ctrl+Q", "closes the window and ends the program"),
)
"""Every key of the window, and what it does; the README's table says the same."""

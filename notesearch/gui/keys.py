"""Everything that can be done with a key, said once.

The window binds its keys from here, menus and tool tips take their names, the help and README their
tables, and the tests press each of them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What a key does."""

    FOCUS = "focus"
    OLDER = "older"
    NEWER = "newer"
    SAVE_SEARCH = "save search"
    SUGGESTION = "suggestion"
    CLEAR = "clear"
    UP = "up"
    DOWN = "down"
    PAGE_UP = "page up"
    PAGE_DOWN = "page down"
    FIRST = "first"
    LAST = "last"
    NTH = "nth"
    PASSAGES = "passages"
    SORT = "sort"
    OPEN = "open"
    OPEN_SECOND = "open second"
    CREATE = "create"
    COPY_LINK = "copy link"
    COPY_PASSAGE = "copy passage"
    COPY_PATH = "copy path"
    REVEAL = "reveal"
    MENU = "menu"
    WHY = "why"
    RELATED = "related"
    WHY_NOT = "why not"
    READ = "read"
    FIND = "find"
    NEXT_MATCH = "next match"
    PREVIOUS_MATCH = "previous match"
    BACK = "back"
    FORWARD = "forward"
    NEXT_RESULT = "next result"
    PREVIOUS_RESULT = "previous result"
    SETTINGS = "settings"
    HELP = "help"
    REFRESH = "refresh"
    ZOOM_IN = "zoom in"
    ZOOM_OUT = "zoom out"
    ZOOM_RESET = "zoom reset"
    TO_WINDOW = "to window"
    CLOSE = "close"
    QUIT = "quit"


class Where(StrEnum):
    """What must have the keys for a key to be heard."""

    BOX = "box"
    """The search box; elsewhere the key does what it does there."""
    NOTE = "note"
    """The note beside the list."""
    WINDOW = "window"
    """Any part of the window, the box included."""
    POPUP = "quick search"
    """The quick search alone; it has those of the box and of the window too."""


class Group(StrEnum):
    """Under which heading the help lists it."""

    SEARCHING = "Searching"
    CHOOSING = "Choosing a note"
    USING = "Using the chosen note"
    READING = "Reading it"
    WINDOW = "The window"
    QUICK_SEARCH = "The quick search"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that keys do."""

    act: Act
    keys: tuple[str, ...]
    """As Qt writes them, the one to be shown first."""
    label: str
    """In menus and on buttons."""
    does: str
    """In the help, after the key."""
    group: Group
    where: Where = Where.WINDOW


_BOX, _NOTE = Where.BOX, Where.NOTE

ACTIONS: tuple[Action, ...] = (
    Action(Act.FOCUS, ("Ctrl+K", "Ctrl+L"), "Search", "leads to the search box, from anywhere",
           Group.SEARCHING),
    Action(Act.CLEAR, ("Esc",), "Clear",
           "closes what lies over the list, then clears the box; elsewhere, leads back to the box",
           Group.SEARCHING, _BOX),
    Action(Act.OLDER, ("Alt+Up",), "Earlier search", "brings back what was searched for before",
           Group.SEARCHING),
    Action(Act.NEWER, ("Alt+Down",), "Later search", "the same, the other way",
           Group.SEARCHING),
    Action(Act.SAVE_SEARCH, ("Ctrl+S",), "Save this search",
           "saves the search, to be asked again; again: removes it", Group.SEARCHING),
    Action(Act.SUGGESTION, ("Alt+Y",), "Take the suggestion", "takes the spelling that is offered",
           Group.SEARCHING),
    Action(Act.UP, ("Up", "Ctrl+P"), "Previous note", "the note above; from the first to the last",
           Group.CHOOSING, _BOX),
    Action(Act.DOWN, ("Down", "Ctrl+N"), "Next note",
           'the note below; at "No close match", shows the weaker matches', Group.CHOOSING, _BOX),
    Action(Act.PAGE_UP, ("PgUp",), "A page up", "a page up", Group.CHOOSING, _BOX),
    Action(Act.PAGE_DOWN, ("PgDown",), "A page down", "a page down", Group.CHOOSING, _BOX),
    Action(Act.FIRST, ("Home",), "First note",
           "the first note; with Ctrl, the beginning of the text", Group.CHOOSING, _BOX),
    Action(Act.LAST, ("End",), "Last note", "the last note; with Ctrl, the end of the text",
           Group.CHOOSING, _BOX),
    Action(Act.NTH, tuple(f"Ctrl+{number}" for number in range(1, 10)), "Open the first to ninth",
           "opens the first to the ninth note of the list", Group.CHOOSING),
    Action(Act.PASSAGES, ("Ctrl+G",), "Show more passages",
           "shows the note's other passages that match, in the list; again: hides them",
           Group.CHOOSING),
    Action(Act.SORT, ("Ctrl+Shift+S",), "Sort otherwise",
           "sorts by relevance, by date and by name, in turn", Group.CHOOSING),
    Action(Act.OPEN, ("Enter", "Return", "Ctrl+O"), "Open",
           "opens the note at the match, in the program of your choice", Group.USING, _BOX),
    Action(Act.OPEN_SECOND, ("Ctrl+Enter", "Ctrl+Return"), "Open with the second program",
           "opens it with the second program", Group.USING),
    Action(Act.CREATE, ("Shift+Enter", "Shift+Return"), "New note from the search",
           "makes a new note with what was typed as its title, and opens it", Group.USING),
    Action(Act.COPY_LINK, ("Alt+Enter", "Alt+Return"), "Copy link", "copies a link to the note",
           Group.USING),
    Action(Act.COPY_PASSAGE, ("Ctrl+C",), "Copy passage",
           "copies the passage, or the text that is selected", Group.USING, _BOX),
    Action(Act.COPY_PATH, ("Ctrl+Shift+C",), "Copy path", "copies the path of the file",
           Group.USING),
    Action(Act.REVEAL, ("Ctrl+Shift+Enter", "Ctrl+Shift+Return"), "Show in folder",
           "shows the file in the file manager", Group.USING),
    Action(Act.MENU, ("Shift+F10", "Menu"), "Menu", "shows all that can be done with the note",
           Group.USING),
    Action(Act.WHY, ("Ctrl+I",), "Why this result?",
           "says why the note is where it is; again: the note", Group.READING),
    Action(Act.RELATED, ("Ctrl+D",), "Related notes",
           "shows the notes that are near to it in meaning; again: the note", Group.READING),
    Action(Act.WHY_NOT, ("Ctrl+Shift+I",), "Why isn't a note here?",
           "says why a note that you name is not in the list", Group.READING),
    Action(Act.READ, ("Tab",), "Read", "leads from the box into the note; Shift+Tab leads back",
           Group.READING, _BOX),
    Action(Act.FIND, ("Ctrl+F",), "Find in the note", "finds text in the note that is shown",
           Group.READING),
    Action(Act.NEXT_MATCH, ("F3",), "Next match", "the next match in the note", Group.READING),
    Action(Act.PREVIOUS_MATCH, ("Shift+F3",), "Previous match", "the match before",
           Group.READING),
    Action(Act.BACK, ("Alt+Left",), "Back", "back to the note that a link was followed from",
           Group.READING),
    Action(Act.FORWARD, ("Alt+Right",), "Forward", "the same, the other way", Group.READING),
    Action(Act.NEXT_RESULT, ("Shift+Down",), "Next note", "the next note, while reading",
           Group.READING, _NOTE),
    Action(Act.PREVIOUS_RESULT, ("Shift+Up",), "Previous note", "the note before, while reading",
           Group.READING, _NOTE),
    Action(Act.SETTINGS, ("Ctrl+,",), "Settings…", "opens the settings", Group.WINDOW),
    Action(Act.HELP, ("F1",), "Keys and syntax", "shows the keys and what can be typed",
           Group.WINDOW),
    Action(Act.REFRESH, ("F5",), "Look through the folders",
           "compares everything with the disk", Group.WINDOW),
    Action(Act.ZOOM_IN, ("Ctrl++", "Ctrl+="), "Larger text", "larger text", Group.WINDOW),
    Action(Act.ZOOM_OUT, ("Ctrl+-",), "Smaller text", "smaller text", Group.WINDOW),
    Action(Act.ZOOM_RESET, ("Ctrl+0",), "Usual text", "text of the usual size", Group.WINDOW),
    Action(Act.CLOSE, ("Ctrl+W",), "Close",
           "closes the window; the program stays in the tray, where there is one", Group.WINDOW),
    Action(Act.QUIT, ("Ctrl+Q",), "Quit", "ends the program", Group.WINDOW),
    Action(Act.TO_WINDOW, ("Ctrl+E",), "Open in the window",
           "from the quick search to the window, with the same search", Group.QUICK_SEARCH,
           Where.POPUP),
)  # fmt: skip
"""In the order of the help."""

BY_ACT = {action.act: action for action in ACTIONS}


def shown_keys(action: Action) -> str:
    """Return the keys of an action as the help shows them."""
    if action.act is Act.NTH:
        return f"{action.keys[0]} … {action.keys[-1].rpartition('+')[2]}"
    # The keypad's Enter is the same to whoever presses it.
    distinct = dict.fromkeys(key.replace("Return", "Enter") for key in action.keys)
    return ", ".join(distinct)


def first_key(act: Act) -> str:
    """Return the key of an action that tool tips name."""
    return BY_ACT[act].keys[0]


WHY, RELATED, WHY_NOT = first_key(Act.WHY), first_key(Act.RELATED), first_key(Act.WHY_NOT)
HELP, REFRESH = first_key(Act.HELP), first_key(Act.REFRESH)

KEYS: tuple[tuple[str, str], ...] = (
    ("any text", "searches as you type; an empty box shows the notes that were changed last"),
    *((shown_keys(action), action.does) for action in ACTIONS),
)
"""The README's table says the same."""

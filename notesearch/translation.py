"""The one call that every text for the user goes through, so that it can be translated.

English is what stands in the code; a catalogue of gettext in resources/locale would replace it.
Numbers and names are put in afterwards, with `format`: a translation may want them elsewhere.
"""

import gettext

from notesearch.paths import RESOURCES

_CATALOGUE = gettext.translation("notesearch", RESOURCES / "locale", fallback=True)


def tr(text: str) -> str:
    """Return a text in the user's language."""
    return _CATALOGUE.gettext(text)


def trn(one: str, many: str, count: int, **named: object) -> str:
    """Return the text for a number of things; `{count}` in it is replaced by the number.

    What else is named in it is given by its name.
    """
    return _CATALOGUE.ngettext(one, many, count).format(count=f"{count:,}", **named)

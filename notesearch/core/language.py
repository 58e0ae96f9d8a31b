"""Which language notes are in, and whether most are in one that a model does not know."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from notesearch.core.markdown import plain

MAX_CHARACTERS = 2_000
"""Of a text that are looked at: more make nothing clearer, and take longer."""
MIN_BYTES = 20
"""Bytes of UTF-8 that the letters of a text must take; a Chinese sign says as much as three."""
CONFIDENCE = 0.5
"""Probability from which a language counts as recognised."""

_NAMES_TEXT = """
af Afrikaans, am Amharic, an Aragonese, ar Arabic, as Assamese, az Azerbaijani, ba Bashkir,
be Belarusian, bg Bulgarian, bn Bengali, br Breton, bs Bosnian, ca Catalan, cs Czech, cy Welsh,
da Danish, de German, dz Dzongkha, el Greek, en English, eo Esperanto, es Spanish, et Estonian,
eu Basque, fa Persian, fi Finnish, fo Faroese, fr French, fy Frisian, ga Irish, gd Scottish Gaelic,
gl Galician, gu Gujarati, ha Hausa, he Hebrew, hi Hindi, hr Croatian, ht Haitian Creole,
hu Hungarian, hy Armenian, id Indonesian, ig Igbo, is Icelandic, it Italian, ja Japanese,
jv Javanese, ka Georgian, kk Kazakh, km Khmer, kn Kannada, ko Korean, ku Kurdish, ky Kyrgyz,
la Latin, lb Luxembourgish, lg Ganda, ln Lingala, lo Lao, lt Lithuanian, lv Latvian, mg Malagasy,
mk Macedonian, ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt Maltese, my Burmese, ne Nepali,
nl Dutch, no Norwegian, oc Occitan, om Oromo, or Odia, pa Punjabi, pl Polish, ps Pashto,
pt Portuguese, qu Quechua, ro Romanian, ru Russian, rw Kinyarwanda, sa Sanskrit, se Northern Sami,
si Sinhala, sk Slovak, sl Slovenian, sn Shona, so Somali, sq Albanian, sr Serbian, st Sotho,
sv Swedish, sw Swahili, ta Tamil, te Telugu, tg Tajik, th Thai, tk Turkmen, tl Tagalog, tr Turkish,
tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek, vi Vietnamese, wa Walloon, xh Xhosa,
yo Yoruba, zh Chinese, zu Zulu
"""
NAMES = dict(entry.split(maxsplit=1) for entry in " ".join(_NAMES_TEXT.split()).split(", "))
"""ISO 639-1 code -> English name of the languages that are told apart."""

# What the library tells apart and the user would not: their probabilities are those of one
# language. Pidgin is what it takes terse English for.
_PARTS_OF = {
    "ary": "ar", "arz": "ar", "grc": "el", "hbo": "he", "lij": "it", "nn": "no", "pcm": "en",
    "sdh": "ku", "uzs": "uz", "vec": "it", "wuu": "zh", "yue": "zh",
}  # fmt: skip

_FENCED = re.compile(r"^[ \t>*+-]*(`{3}|~{3}).*?(?:\n[ \t>]*\1|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_ADDRESS = re.compile(r"(?<!\S)\S*[\w.](?:://|[@/\\])\S*")


@dataclass(frozen=True, slots=True)
class Foreign:
    """How many texts of a sample are in languages that a model does not know."""

    recognised: int = 0
    """Texts whose language can be told; the others count for nothing."""
    foreign: int = 0
    """Texts among them in a language that is not known."""
    language: str = ""
    """ISO 639-1 code of the most frequent one; '' where there is none."""

    @property
    def share(self) -> float:
        """Of the recognised texts, 0 to 1."""
        return self.foreign / self.recognised if self.recognised else 0.0

    @property
    def name(self) -> str:
        """English name of the most frequent unknown language, for the user; '' for none."""
        return NAMES.get(self.language, "")

    @property
    def mostly(self) -> bool:
        """Whether more than half of all are surely foreign, and not by the chance of the sample.

        The majority must be two standard deviations of what a toss of coins would give: 4 of 4
        texts, 9 of 10, 15 of 20, 60 of 100, 168 of 300.
        """
        majority = 2 * self.foreign - self.recognised
        return majority > 0 and majority**2 >= 4 * self.recognised


class Recogniser:
    """Tells the language of texts, as long as it is kept: it takes 80 MB."""

    def __init__(self) -> None:
        """Load the model, which takes 0.7 s and 105 MB for a moment.

        Raises OSError where there is no room for its temporary file of some 50 MB.
        """
        from py3langid.langid import (  # noqa: PLC0415  # late: once in a while, not at the start
            MODEL_FILE,
            LanguageIdentifier,
        )

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def language_of(self, text: str) -> str | None:
        """Return the ISO 639-1 code of the language of a text in Markdown, without front matter.

        None where it cannot be told: code, tables of numbers, names, a few words.
        """
        words = prose(text)
        if len("".join(filter(str.isalpha, words)).encode("utf-8", "ignore")) < MIN_BYTES:
            return None
        probabilities: Counter[str] = Counter()
        for code, probability in self._identifier.rank(words):
            probabilities[_PARTS_OF.get(code, code)] += probability
        (best, probability), *_ = probabilities.most_common(1)
        return best if probability >= CONFIDENCE and best in NAMES else None


def prose(text: str) -> str:
    """Return the beginning of a text without code, addresses, paths and markup."""
    # Four times as much, since much may be code; never megabytes, which would take seconds.
    text = _FENCED.sub(" ", text[: 4 * MAX_CHARACTERS])
    return _ADDRESS.sub(" ", plain(_CODE.sub(" ", text)))[:MAX_CHARACTERS]


def foreign(texts: Iterable[str], known: Collection[str]) -> Foreign:
    """Say how many texts are in languages (ISO 639-1) other than the known ones.

    texts: in Markdown, without front matter, best one for each note; 300 take a second.
    Raises OSError as Recogniser does.
    """
    recogniser = Recogniser()
    found = Counter(filter(None, map(recogniser.language_of, texts)))
    unknown = Counter({code: count for code, count in found.items() if code not in known})
    language = min(unknown, key=lambda code: (-unknown[code], code), default="")
    return Foreign(found.total(), unknown.total(), language)

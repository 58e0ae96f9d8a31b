"""A small model for tests: words of one meaning get one direction, and its calls are recorded."""

import functools
import hashlib
import re
import unicodedata

import numpy as np

_SYNONYMS = {
    "automobile": "car", "vehicle": "car", "feline": "cat", "kitten": "cat", "loaf": "bread",
    "sourdough": "bread", "physician": "doctor", "begin": "start", "journey": "trip",
}  # fmt: skip
_STEM = 5


class FakeEmbedder:
    """An Encoder whose vector of a text is the sum of its words' directions."""

    name = "fake"
    identity = "fa4e" * 4
    dimension = 64
    passage_tokens = 24
    languages = ("en",)
    probes = ("opera singers", "orbital mechanics", "tax law", "dairy cattle", "xyzzy plugh")

    def __init__(self):
        self.passages = []
        """Every text that was embedded to be found, in order."""
        self.queries = []

    def count_tokens(self, text):
        return len(re.findall(r"\w+", text))

    def embed_passage(self, text):
        self.passages.append(text)
        return _embed(text)

    def embed_query(self, text):
        self.queries.append(text)
        return _embed(text)

    def attribute(self, text, query):
        words = list(re.finditer(r"\w{3,}", text.lower()))
        total = sum((_direction(_meaning(m[0])) for m in words), np.zeros(self.dimension))
        length = np.linalg.norm(total)
        return [(m.start(), float(_direction(_meaning(m[0])) @ query / length)) for m in words]

    def stop(self):
        """Nothing takes so long that it would have to be interrupted."""


def _embed(text):
    meanings = [_meaning(word) for word in re.findall(r"\w{3,}", text.lower())]
    total = sum((_direction(meaning) for meaning in meanings or [text]), np.zeros(64))
    return (total / np.linalg.norm(total)).astype(np.float32)


def _meaning(word):
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return _SYNONYMS.get(plain, plain)[:_STEM]


@functools.cache
def _direction(meaning):
    seed = int.from_bytes(hashlib.blake2b(meaning.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(FakeEmbedder.dimension)

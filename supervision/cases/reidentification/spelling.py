"""What counts as a word, and when two words are the same."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")
SAINTS = {"st": "saint", "ste": "sainte"}


def fold(word: str) -> str:
    """Without capitals, accents and ligatures. Nothing is remembered: a case's words live as long as its request."""
    if word.isascii():
        return word.lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
    return plain.replace("\u0153", "oe").replace("\u00e6", "ae")


def words_of(phrase: str) -> tuple[str, ...]:
    return tuple(SAINTS.get(word, word) for word in map(fold, WORD.findall(phrase)))

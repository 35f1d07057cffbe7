"""The word lists, read once: this folder's data files say what they hold and how they were made."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from supervision.cases.reidentification.reading import Reading, Token
from supervision.cases.reidentification.spelling import WORD, fold, words_of

HERE = Path(__file__).parent
ARTICLES = ("Le ", "La ", "Les ", "L'", "L\u2019")


class Phrases:
    """Phrases to be recognised from a given word on; the longest wins."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._from: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted({words_of(phrase) for phrase in phrases if words_of(phrase)}, key=len, reverse=True):
            self._from.setdefault(words[0], []).append(words)

    def end(self, tokens: Sequence[Token], at: int) -> int:
        """The index after the phrase that begins at this word; the index itself where none does."""
        for words in self._from.get(tokens[at].key, ()):
            if self._stands(words, tokens, at):
                return at + len(words)
        return at

    def found(self, reading: Reading) -> list[tuple[int, int]]:
        """Where phrases stand: the indices of their first word and of the word after them."""
        starts = reading.places_of(self._from.keys() & reading.positions.keys())
        return [(at, end) for at in starts if (end := self.end(reading.tokens, at)) > at]

    @staticmethod
    def _stands(words: tuple[str, ...], tokens: Sequence[Token], at: int) -> bool:
        if at + len(words) > len(tokens):
            return False
        met = zip(words, tokens[at : at + len(words)], strict=True)
        return all(token.key == word and (n == 0 or token.joined) for n, (word, token) in enumerate(met))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def _lines(name: str) -> Iterator[str]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _towns() -> list[str]:
    return [town for line in _lines("towns.txt") for town in line.split(": ", 1)[1].split(", ")]


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


LISTS = _read("lists.toml")
_ALLOWED = _read("allowed.toml")

TOWNS = Phrases(_towns())
# « au Havre », « de la Ciotat »: the article has melted into the preposition, or lost its capital.
_SHORTENED = [t for t in _towns() if t.startswith(ARTICLES) and t not in _ALLOWED["common_word_towns"]]
TOWNS_WITHOUT_ARTICLE = Phrases(re.sub(r"^(?:L['\u2019]|L\w+ )", "", town) for town in _SHORTENED)
COMMON_TOWNS = frozenset(map(words_of, _ALLOWED["common_word_towns"]))
TOWN_PREPOSITIONS = Phrases(_ALLOWED["town_prepositions"])
REGIONS = Phrases(LISTS["places"]["regions"])

FIRST_NAMES = _folded(name for line in _lines("first_names.txt") for name in line.split())
COMMON_FIRST_NAMES = _folded(_ALLOWED["common_word_first_names"])
LITTLE = _folded(_ALLOWED["little"])
ALLOWED = _folded(word for entry in _ALLOWED["allowed"] if " " not in entry for word in WORD.findall(entry))
ALLOWED_NAMES = Phrases(entry for entry in _ALLOWED["allowed"] if " " in entry)
ACRONYMS = frozenset(_ALLOWED["acronyms"])

TITLES = frozenset(LISTS["titles"]["french"])
SMALL_TITLES = _folded(LISTS["titles"]["small"])
ENGLISH_TITLES = frozenset(LISTS["titles"]["english"])
NOBODY = frozenset(LISTS["titles"]["nobody"])

ORGANISATIONS = {family: Phrases(LISTS["organisations"][family]) for family in LISTS["organisations"]}
SUFFIXES = frozenset(LISTS["organisations"]["suffixes"])
PLACES = Phrases(LISTS["places"]["heads"])
ENGLISH_PLACES = Phrases(LISTS["places"]["english_tails"])
SURE_STREETS = _folded(LISTS["streets"]["sure"])
UNSURE_STREETS = _folded(LISTS["streets"]["unsure"])
ENGLISH_STREETS = frozenset(LISTS["streets"]["english"])

ROLES = Phrases((*LISTS["combination"]["roles"], *LISTS["combination"]["english_roles"]))
DEFINITE = _folded(LISTS["combination"]["definite"])
BETWEEN = _folded(LISTS["combination"]["between"])
ALONE = _folded(LISTS["combination"]["alone"])
SMALL_PLACES = _folded(LISTS["combination"]["small_places"])

"""A text read once, word by word: where sentences begin, which words bear a capital, what is already taken."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.spelling import SAINTS, WORD, fold


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What lets a capital be only the beginning of a sentence, a quotation, a list's line or a remark in brackets.
OPENS = re.compile(r"[\n\r\u2028\u2029.:;!?\u2026\u00ab\u201c\u201e\u2018\"(\[\u2022*#>|/=]|(?:^|\s)[-\u2013\u2014]+\s")
ENDS = re.compile(r"[\n\r\u2028\u2029.!?\u2026]")
JOINS = re.compile(r"\.?[ \u00a0\u202f\u2009]{1,2}|[-\u2010\u2011\u2013'\u2019.]|")
ABBREVIATIONS = _set("m mm mr mrs ms mme mmes mlle mlles dr drs pr prof mgr st ste rev cf p av bd")
LONGEST = 12  # words of a name: enough for people, and for text that is made to be slow
OF_PEOPLE = _set("de du des d la le les l van von der den di da do dos del della el al ben bin ibn of the")
PARTICLES = OF_PEOPLE | _set("a au aux en sur sous lez saint sainte")


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    text: str
    key: str  # folded, « st » as « saint »
    opens: bool  # a capital here says nothing
    sentence: int
    joined: bool  # nothing but a blank, a hyphen or an apostrophe between it and the word before
    capital: bool

    @property
    def loud(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()


@dataclass(slots=True)
class Reading:
    text: str
    language: str
    pseudonyms: frozenset[str] = frozenset()
    tokens: list[Token] = field(default_factory=list)
    capitals: list[int] = field(default_factory=list)  # where words with a capital are
    positions: dict[str, list[int]] = field(default_factory=dict)  # where each word is
    taken: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.tokens = list(_tokens(self.text))
        self.capitals = [at for at, token in enumerate(self.tokens) if token.capital]
        self.taken = bytearray(len(self.text))
        for at, token in enumerate(self.tokens):
            self.positions.setdefault(token.key, []).append(at)

    def places_of(self, words: Iterable[str]) -> list[int]:
        """Where any of the words is, in order."""
        return sorted(at for word in words for at in self.positions.get(word, ()))

    def is_free(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) < 0

    def take(self, passage: Passage) -> None:
        self.taken[passage.start : passage.end] = b"\1" * (passage.end - passage.start)

    def index(self, start: int) -> int:
        """The index of the first word that begins there or later."""
        return bisect_left(self.tokens, start, key=lambda token: token.start)

    def between(self, start: int, end: int) -> list[Token]:
        return self.tokens[self.index(start) : self.index(end)]

    def gap(self, at: int) -> str:
        """What stands before a word, as far back as the word before it."""
        return self.text[self.tokens[at - 1].end if at else 0 : self.tokens[at].start]

    def run(self, at: int, *, joiners: frozenset[str] = frozenset(), particles: frozenset[str] = PARTICLES) -> int:
        """The index after a proper name that begins here, particles and all; the index itself where none does."""
        start = self._past_particles(at, particles)
        if start >= len(self.tokens) or not self._is_part(start, first=start == at):
            return at
        end = start + 1
        while end < at + LONGEST and (after := self._next_part(end, joiners, particles)) > end:
            end = after
        return end

    def _next_part(self, at: int, joiners: frozenset[str], particles: frozenset[str]) -> int:
        if at < len(self.tokens) and self.tokens[at].joined and self.tokens[at].key in joiners:
            return at + 2 if at + 1 < len(self.tokens) and self._is_part(at + 1) else at
        start = self._past_particles(at, particles)
        return start + 1 if start < len(self.tokens) and self._is_part(start) else at

    def _past_particles(self, at: int, particles: frozenset[str]) -> int:
        limit = min(at + 3, len(self.tokens))
        while at < limit and self.tokens[at].key in particles and self.tokens[at].joined and not self._stays(at):
            at += 1
        return at

    def _stays(self, at: int) -> bool:
        """A particle with a capital that opens a sentence is not part of a name."""
        return self.tokens[at].opens and self.tokens[at].capital

    def _is_part(self, at: int, *, first: bool = False) -> bool:
        token = self.tokens[at]
        initial = len(token.text) > 1 or self.text[token.end : token.end + 1] == "."
        return token.capital and initial and (first or token.joined) and self.is_free(token.start, token.end)


def _tokens(text: str) -> Iterator[Token]:
    before, sentence, shortens = 0, 0, False
    token: Token | None = None
    for found in WORD.finditer(text):
        gap, word = text[before : found.start()], found.group()
        shortened = shortens and gap.startswith(".") and not ENDS.search(gap, 1)
        opens = token is None or (not shortened and OPENS.search(gap) is not None)
        sentence += token is not None and not shortened and ENDS.search(gap) is not None
        joined = token is not None and JOINS.fullmatch(gap) is not None and (shortened or not ENDS.search(gap))
        key = fold(word)
        shortens = key in ABBREVIATIONS or _is_initial(word, opens or (token is not None and token.capital))
        token = Token(
            found.start(), found.end(), word, SAINTS.get(key, key), opens, sentence, joined, word[0].isupper()
        )
        before = found.end()
        yield token


def _is_initial(word: str, may_begin: bool) -> bool:
    """« J. Dupont », « Anne F. Dupont »; not « le plan B. », nor « so did I. »"""
    return len(word) == 1 and word.isupper() and word != "I" and may_begin

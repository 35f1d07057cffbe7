"""A text as it will be read, with what in it may say who is meant, and what its author decided about that.

Passages of the same words are one finding with one number, wherever they stand: one decision is enough for all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from supervision.cases.reidentification import decisions
from supervision.cases.reidentification.decisions import Decision, Place
from supervision.cases.reidentification.engine import examine_form
from supervision.cases.reidentification.passages import NAMED, Passage, identity
from supervision.cases.reidentification.spelling import words_of

SETTING = frozenset({"title", "period"})  # what the reader knows before she begins
MOST = 100  # findings to decide on one page: a text that has more is made of something else than sentences
_SIGNS_TOGETHER = 16  # characters that may follow a letter and are drawn with it


@dataclass(frozen=True)
class Finding:
    """The same words, at one or several places."""

    number: int
    identity: str
    kind: str
    suggestion: str
    words: str  # as first written
    places: tuple[Place, ...]
    decision: Decision | None
    settled_by: str = ""  # the identity of the decision that makes it an invented name, where that is another one

    @property
    def is_open(self) -> bool:
        return self.decision is None and not self.settled_by


@dataclass(frozen=True)
class Review:
    texts: Mapping[str, str]
    findings: tuple[Finding, ...]
    decisions: Mapping[str, Decision]  # the ones about passages that are no longer there, too
    left_out: int = 0  # findings beyond MOST

    @property
    def open(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_open]

    @property
    def undecided(self) -> int:
        return len(self.open) + self.left_out

    def beside(self, key: str) -> list[Finding]:
        """What is first met in this field."""
        return [finding for finding in self.findings if finding.places[0][0] == key]

    def marked(self) -> dict[str, Markup]:
        """The texts that have passages, with these marked, ready for a page."""
        marks: dict[str, list[Mark]] = {}
        for finding in self.findings:
            for n, (key, start, end) in enumerate(finding.places):
                mark = Mark(start, end, finding.number, finding.kind == "combination", not finding.is_open, n == 0)
                marks.setdefault(key, []).append(mark)
        return {key: marked(self.texts[key], found) for key, found in marks.items()}

    def for_version(self) -> dict[str, Decision]:
        """What goes along with the text when it is submitted: what was decided about passages that are in it."""
        at: dict[str, list[Place]] = {}
        for finding in self.findings:
            if not finding.is_open:
                at.setdefault(finding.settled_by or finding.identity, []).extend(finding.places)
        return {key: decisions.placed(self.decisions[key], tuple(places)) for key, places in at.items()}


def review(
    texts: Mapping[str, str],
    languages: Mapping[str, str],
    *,
    kept: Mapping[str, Decision],
    secret: bytes,
    readable: frozenset[str] | None = None,
) -> Review:
    """`texts` by field in the order of the form, with their languages; `readable`, if given, are those that are shown,
    the others only place the story (`SETTING`).
    """
    shown = [key for key in texts if readable is None or key in readable]
    examined = examine_form(texts, languages, setting=SETTING)
    passages = ((key, passage) for key in shown for passage in examined.get(key, ()))
    findings = _numbered(_grouped(texts, passages, secret), texts, kept)
    few, count = [], 0
    for finding in findings:
        count += finding.is_open
        if not finding.is_open or count <= MOST:
            few.append(finding)
    return Review({key: texts[key] for key in shown}, tuple(few), kept, max(0, count - MOST))


def _grouped(
    texts: Mapping[str, str], passages: Iterable[tuple[str, Passage]], secret: bytes
) -> dict[str, list[tuple[str, Passage]]]:
    groups: dict[str, list[tuple[str, Passage]]] = {}
    for key, passage in passages:
        groups.setdefault(identity(passage, texts[key], case_secret=secret), []).append((key, passage))
    return groups


def _numbered(
    groups: Mapping[str, list[tuple[str, Passage]]], texts: Mapping[str, str], kept: Mapping[str, Decision]
) -> Iterator[Finding]:
    invented = decisions.pseudonyms(kept)
    for number, (name, group) in enumerate(groups.items(), 1):
        key, first = group[0]
        words = texts[key][first.start : first.end]
        places = tuple((key, passage.start, passage.end) for key, passage in group)
        settled_by = "" if name in kept else _settled_by(words, first.kind, invented)
        yield Finding(number, name, first.kind, first.suggestion, words, places, kept.get(name), settled_by)


def _settled_by(words: str, kind: str, invented: Mapping[str, str]) -> str:
    """As the engine has it: every word with a capital, the title aside, is an invented name."""
    if kind not in NAMED or not invented:
        return ""
    parts = [word for part in decisions.capitals(words, kind) for word in words_of(part)]
    return invented[parts[0]] if parts and all(part in invented for part in parts) else ""


# --- marks in a text --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """`text[start:end]`. Marks that are `over` others lie in a layer of their own; within a layer none overlap."""

    start: int
    end: int
    number: int
    over: bool = False
    kept: bool = False
    is_first: bool = False  # of its number: the place that a link leads to


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """The text, escaped, with its passages marked. Without the marks it is the escaped text, to the character."""
    layers = {over: _apart(text, sorted(_of(marks, over), key=lambda mark: mark.start)) for over in (False, True)}
    edges = {edge for layer in layers.values() for _, start, end in layer for edge in (start, end)}
    cuts = sorted({0, len(text), *edges})
    under, above = _Layer(layers[False]), _Layer(layers[True])
    return Markup("").join(
        _piece(text[start:end], under.at(start, end), above.at(start, end)) for start, end in pairwise(cuts)
    )


def _of(marks: Iterable[Mark], over: bool) -> list[Mark]:
    return [mark for mark in marks if mark.over is over]


def _apart(text: str, marks: list[Mark]) -> list[tuple[Mark, int, int]]:
    """Where each mark is drawn: never through a letter and its accent, nor through the parts of one emoji."""
    drawn, before = [], 0
    for mark in marks:
        start, end = max(mark.start, before), _after_signs(text, mark.end)
        if start < end:
            drawn.append((mark, start, end))
            before = end
    return drawn


def _after_signs(text: str, end: int) -> int:
    last = min(len(text), end + _SIGNS_TOGETHER)
    while 0 < end < last and (_is_sign(text[end]) or text[end - 1] == "\u200d"):
        end += 1
    return end


def _is_sign(character: str) -> bool:
    """Accents, variants, joiners, skin tones: what is drawn with the character before."""
    return (
        unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


@dataclass(frozen=True)
class Stretch:
    """A part of a mark that is drawn in one go."""

    mark: Mark
    begins: bool
    ends: bool


class _Layer:
    """Marks in order, asked for one stretch after the other."""

    def __init__(self, drawn: list[tuple[Mark, int, int]]) -> None:
        self._drawn, self._next = drawn, 0

    def at(self, start: int, end: int) -> Stretch | None:
        while self._next < len(self._drawn) and self._drawn[self._next][2] <= start:
            self._next += 1
        if self._next == len(self._drawn) or self._drawn[self._next][1] >= end:
            return None
        mark, first, last = self._drawn[self._next]
        return Stretch(mark, start == first, end == last)


def _piece(text: str, under: Stretch | None, above: Stretch | None) -> Markup:
    piece = escape(text)
    if under:
        piece = _linked(_drawn(piece, under, "found"), under)
    if above:
        piece = _drawn(piece if under else _linked(piece, above), above, "combined")
    return piece


def _drawn(piece: Markup, stretch: Stretch, name: str) -> Markup:
    kept = " kept" if stretch.mark.kept else ""
    here = Markup(' id="dans-le-texte-{}"').format(stretch.mark.number)
    anchor = here if stretch.mark.is_first and stretch.begins else Markup("")
    number = Markup(' data-number="{}"').format(stretch.mark.number) if stretch.ends else Markup("")
    return Markup('<mark class="{}"{}{}>{}</mark>').format(name + kept, anchor, number, piece)


def _linked(piece: Markup, stretch: Stretch) -> Markup:
    """One link for each mark is enough for whoever goes from link to link."""
    if not stretch.begins:
        return piece
    return Markup('<a href="#passage-{}">{}</a>').format(stretch.mark.number, piece)

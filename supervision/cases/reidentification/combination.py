"""Role + place + time in one or two sentences: each says little, together they may say who."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from supervision.cases.reidentification import vocabulary as v
from supervision.cases.reidentification.dates import months
from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.reading import Reading

PLACES = frozenset({"town", "place", "organisation", "postcode", "address"})
PARTS = ("role", "place", "date")
FAR = 260  # characters: beyond, the reader does not connect them either
Span = tuple[int, int]


@dataclass(slots=True)
class Parts:
    """What one sentence holds."""

    role: list[Span] = field(default_factory=list)
    place: list[Span] = field(default_factory=list)
    date: list[Span] = field(default_factory=list)

    def of(self, part: str) -> list[Span]:
        found: list[Span] = getattr(self, part)
        return found


def combinations(reading: Reading, found: Iterable[Passage], known: frozenset[str]) -> Iterator[Passage]:
    """`known` are parts that the reader has from elsewhere, such as the period of the form: « date »."""
    sentences = _sentences(reading, found)
    needed = [part for part in PARTS if part not in known]
    before = -1
    for number in sorted(sentences):
        for span in _smallest(sentences, number, needed):
            if span[0] > before:
                yield Passage(*span, "combination", "combination-known" if known else "combination")
                before = span[1]


def _sentences(reading: Reading, found: Iterable[Passage]) -> dict[int, Parts]:
    sentences: dict[int, Parts] = {}

    def put(part: str, span: Span) -> None:
        at = min(reading.index(span[0] + 1), len(reading.tokens)) - 1
        number = reading.tokens[max(at, 0)].sentence if reading.tokens else 0
        sentences.setdefault(number, Parts()).of(part).append(span)

    for passage in found:
        if passage.kind in PLACES:
            put("place", (passage.start, passage.end))
        elif passage.kind == "date":
            put("date", (passage.start, passage.end))
    for span in months(reading):
        put("date", span)
    for part, span in _roles(reading):
        put(part, span)
    return sentences


def _roles(reading: Reading) -> Iterator[tuple[str, Span]]:
    """Roles held by one person; « la seule infirmière du village » brings its place along."""
    for at, end in v.ROLES.found(reading):
        if (start := _determiner(reading, at)) is not None:
            yield "role", (reading.tokens[start].start, reading.tokens[end - 1].end)
            if any(token.key in v.ALONE for token in reading.tokens[start:at]):
                yield from _small_place(reading, end)


def _determiner(reading: Reading, at: int) -> int | None:
    start = at - 1
    while start >= 0 and start > at - 3 and reading.tokens[start].key in v.BETWEEN:
        start -= 1
    return start if start >= 0 and reading.tokens[start].key in v.DEFINITE else None


def _small_place(reading: Reading, at: int) -> Iterator[tuple[str, Span]]:
    for token in reading.tokens[at : at + 6]:
        if token.key in v.SMALL_PLACES:
            yield "place", (token.start, token.end)


def _smallest(sentences: dict[int, Parts], number: int, needed: list[str]) -> Iterator[Span]:
    """Around the first role, in this sentence or with the next one, the nearest of each other part."""
    here, after = sentences[number], sentences.get(number + 1, Parts())
    both = {part: here.of(part) or after.of(part) for part in needed}
    alone = all(here.of(part) for part in needed)
    if all(both.values()) and (alone or not all(after.of(part) for part in needed)):
        anchor = both[needed[0]][0]
        spans = [min(both[part], key=lambda span: abs(span[0] - anchor[0])) for part in needed]
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        if end - start <= FAR:
            yield start, end

"""Schools, hospitals, associations, companies and projects that are called by their name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supervision.cases.reidentification import vocabulary as v
from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.places import of_someone, says_nothing
from supervision.cases.reidentification.reading import Reading

QUOTED = re.compile(r"\s?[\u00ab\u201c\"]\s?([^\W\d_a-z\u00df-\u00ff][^\u00bb\u201d\"\n]{1,60}?)\s?[\u00bb\u201d\"]")
JOINERS = frozenset({"et", "and"})
SHARING = frozenset({"company"})  # « Martinet et Fils » is one name, « Jean-Moulin et Karim » are two


FAMILIES = ("school", "care", "association", "company", "project")


def organisations(reading: Reading) -> Iterator[Passage]:
    for family in FAMILIES:
        for at, end in v.ORGANISATIONS[family].found(reading):
            yield from _named(reading, at, end, family)
    for at in reading.capitals:
        if reading.tokens[at].text in v.SUFFIXES and reading.tokens[at].joined:
            yield from _company(reading, at)
    for at, end in v.ORGANISATIONS["english_tails"].found(reading) if reading.language == "en" else ():
        yield from _english(reading, at, end)


def _named(reading: Reading, at: int, end: int, family: str) -> Iterator[Passage]:
    start = reading.tokens[at].start
    if quoted := QUOTED.match(reading.text, reading.tokens[end - 1].end):
        yield Passage(start, quoted.end(), "organisation", family)
    elif end < len(reading.tokens) and reading.tokens[end].joined:
        after = reading.run(end, joiners=JOINERS if family in SHARING else frozenset())
        if after > end and not says_nothing(reading, end, after) and not of_someone(reading, end, after):
            yield Passage(start, reading.tokens[after - 1].end, "organisation", family)


def _company(reading: Reading, at: int) -> Iterator[Passage]:
    start = _capitals_before(reading, at)
    if start < at:
        yield Passage(reading.tokens[start].start, reading.tokens[at].end, "organisation", "company")


def _capitals_before(reading: Reading, at: int) -> int:
    """The index where the capitals begin that lead up to this word; « St Mary’s » is all of one piece."""
    start = at
    while start and at - start < 5 and reading.tokens[start].joined and _leads(reading, start - 1):
        start -= 1
    return start + (start < at and reading.tokens[start].key in v.LITTLE)


def _leads(reading: Reading, at: int) -> bool:
    token = reading.tokens[at]
    return token.capital or (token.text == "s" and token.joined and reading.tokens[at - 1].capital)


def _english(reading: Reading, at: int, end: int) -> Iterator[Passage]:
    """« Oakfield Primary School »: the name comes first."""
    start = _capitals_before(reading, at)
    named = all(token.capital for token in reading.tokens[at:end])
    if named and start < at and not says_nothing(reading, start, at):
        yield Passage(reading.tokens[start].start, reading.tokens[end - 1].end, "organisation", "organisation")

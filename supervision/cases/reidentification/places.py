"""Street addresses, postal codes, towns, neighbourhoods and regions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from supervision.cases.reidentification import vocabulary as v
from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.reading import PARTICLES, Reading

NUMBER = re.compile(r"(?<![\w.,/])\d{1,4}(?:\s?(?:bis|ter|quater|[a-dA-D])\b)?,?\s$")
POSTCODE = re.compile(
    r"(?<![\w.,/+-])(?:(?:[FLBD]|CH)-?\s?)?(?P<code>\d{4,5})(?=\s(?P<town>[^\W\d_]))"
    r"|(?:\b(?:[Cc]ode|CP|postal)\s:?\s?)(?P<named>(?:0[1-9]|[1-8]\d|9[0-8])\d{3})(?!\w)"
    r"|(?:(?:\b(?:du|le|au|Au)|,)\s)(?P<bare>(?:0[1-9]|[1-8]\d|9[0-8])\d{3})(?=\s?(?:[,;.)]|$))"
    r"|\b(?P<abroad>[A-CEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
)
MELTED = frozenset({"au", "du", "aux", "des", "la", "le", "les"})
CEDEX = re.compile(r"\sCEDEX(?:\s\d{1,2})?", re.I)
UNKNOWN_TOWN = re.compile(  # « Villedieu-sur-Orne »: in no list, and yet no doubt
    r"\b[A-Z\u00c0-\u00dd][\w\u2019']{1,25}(?:-[\w\u2019']{1,25}){0,2}-(?:sur|sous|l[e\u00e8]s|lez|en|aux?|le|la|les|de|du)"
    r"-[\w\u2019']{1,25}(?:-[\w\u2019']{1,25}){0,3}"
)


def addresses(reading: Reading) -> Iterator[Passage]:
    for at in reading.places_of(v.SURE_STREETS | v.UNSURE_STREETS):
        yield from _street(reading, at)
    for at in reading.capitals if reading.language == "en" else ():
        if reading.tokens[at].text in v.ENGLISH_STREETS:
            yield from _english_street(reading, at)


def _street(reading: Reading, at: int) -> Iterator[Passage]:
    token, following = reading.tokens[at], _name_after(reading, at)
    numbered = NUMBER.search(reading.text, max(0, token.start - 14), token.start)
    sure = token.key in v.SURE_STREETS
    if following == at + 1 and numbered and sure:
        following = _small_name_after(reading, at)
    if following > at + 1 and (numbered or _is_told_by_itself(reading, at, following)):
        start = numbered.start() if numbered else token.start
        yield Passage(start, reading.tokens[following - 1].end, "address", "address")


def _name_after(reading: Reading, at: int) -> int:
    return reading.run(at + 1) if at + 1 < len(reading.tokens) and reading.tokens[at + 1].joined else at + 1


def _small_name_after(reading: Reading, at: int) -> int:
    """« 12 rue de la gare »: the number says that it is an address."""
    after = list(takewhile(lambda token: token.joined, reading.tokens[at + 1 : at + 5]))
    small = len(list(takewhile(lambda token: token.key in PARTICLES, after)))
    return at + small + 2 if 0 < small < len(after) else at + 1


def _is_told_by_itself(reading: Reading, at: int, end: int) -> bool:
    """« la place du Marché », not « la place du Directeur », « la place de Karim », « le cours d’Histoire »."""
    after, following = reading.tokens[at + 1 : at + 3] if at + 2 < end else (reading.tokens[at + 1],) * 2
    article = after.key in {"du", "des"} or (after.key == "de" and following.key in {"la", "l"})
    sure = reading.tokens[at].key in v.SURE_STREETS
    return sure or ((after.capital or article) and not says_nothing(reading, at + 1, end))


def says_nothing(reading: Reading, start: int, end: int) -> bool:
    capitals = [token for token in reading.tokens[start:end] if token.capital]
    return all(token.key in v.ALLOWED or token.text in v.ACRONYMS for token in capitals)


def _english_street(reading: Reading, at: int) -> Iterator[Passage]:
    start = at
    while start and at - start < 3 and reading.tokens[start].joined and reading.tokens[start - 1].capital:
        start -= 1
    start += reading.tokens[start].key in v.LITTLE
    if start < at:
        numbered = NUMBER.search(reading.text, max(0, reading.tokens[start].start - 14), reading.tokens[start].start)
        begin = numbered.start() if numbered else reading.tokens[start].start
        yield Passage(begin, reading.tokens[at].end, "address", "address")


def postcodes(reading: Reading) -> Iterator[Passage]:
    for found in POSTCODE.finditer(reading.text):
        if found["code"] is None:
            where = next(kind for kind in ("named", "bare", "abroad") if found[kind])
            yield Passage(*found.span(where), "postcode", "postcode")
        elif (end := _town_of(reading, found)) is not None:
            yield Passage(found.start(), end, "postcode", "postcode")


def _town_of(reading: Reading, found: re.Match[str]) -> int | None:
    """The end of « 59100 Roubaix »; four digits need a town that is known, and no word that makes a year of them."""
    at = reading.index(found.start("town"))
    known = _town_end(reading, at)
    end = max(known, reading.run(at) if reading.tokens[at].capital else at)
    prefixed = found.start("code") > found.start()
    if end == at or (len(found["code"]) == 4 and not prefixed and (known == at or _is_a_year(reading, found))):
        return None
    if says_nothing(reading, at, end):
        return None
    cedex = CEDEX.match(reading.text, reading.tokens[end - 1].end)
    return cedex.end() if cedex else reading.tokens[end - 1].end


def _is_a_year(reading: Reading, found: re.Match[str]) -> bool:
    before = reading.text[max(0, found.start() - 12) : found.start()]
    return bool(re.search(r"(?:en|depuis|ann\u00e9e|de|in|since)\s$", before, re.I)) and found["code"] < "2100"


def _town_end(reading: Reading, at: int) -> int:
    end = v.TOWNS.end(reading.tokens, at)
    proper = all(token.capital or token.key in PARTICLES for token in reading.tokens[at:end])
    return end if end > at and reading.tokens[at].capital and proper else at


def towns(reading: Reading) -> Iterator[Passage]:
    for at in reading.capitals:
        if (end := _town_here(reading, at)) > at:
            yield Passage(reading.tokens[at].start, reading.tokens[end - 1].end, "town", "town")
    for found in UNKNOWN_TOWN.finditer(reading.text):
        yield Passage(*found.span(), "town", "town")


def _town_here(reading: Reading, at: int) -> int:
    end = _town_end(reading, at)
    if end == at:
        return _without_article(reading, at)
    words = tuple(token.key for token in reading.tokens[at:end])
    if words in v.COMMON_TOWNS:
        return end if _after_preposition(reading, at) and words[0] not in v.FIRST_NAMES else at
    surname = end < len(reading.tokens) and reading.tokens[end].joined and reading.tokens[end].capital
    return at if words[0] in v.FIRST_NAMES and surname else end


def _without_article(reading: Reading, at: int) -> int:
    end = v.TOWNS_WITHOUT_ARTICLE.end(reading.tokens, at)
    melted = at > 0 and reading.tokens[at].joined and reading.tokens[at - 1].key in MELTED
    return end if melted and not reading.tokens[at].opens else at


def _after_preposition(reading: Reading, at: int) -> bool:
    if reading.tokens[at].opens or not at:
        return False
    return v.TOWN_PREPOSITIONS.end(reading.tokens, at - 1) == at and reading.tokens[at].joined


def neighbourhoods(reading: Reading) -> Iterator[Passage]:
    for at, end in v.PLACES.found(reading):
        yield from _named_place(reading, at, end)
    for at, end in v.ENGLISH_PLACES.found(reading) if reading.language == "en" else ():
        if at and reading.tokens[at].joined:
            yield from _english_place(reading, at, end)
    for at, end in v.REGIONS.found(reading):
        if _is_a_region(reading, at, end):
            yield Passage(reading.tokens[at].start, reading.tokens[end - 1].end, "place", "region")


def _is_a_region(reading: Reading, at: int, end: int) -> bool:
    """One word that opens a sentence may be another one: « Somme toute »."""
    token = reading.tokens[at]
    return token.capital and (end > at + 1 or not (token.opens or reading.gap(at) == "-"))


def _named_place(reading: Reading, at: int, end: int) -> Iterator[Passage]:
    after = reading.run(end) if end < len(reading.tokens) and reading.tokens[end].joined else end
    if after > end and not says_nothing(reading, end, after) and not of_someone(reading, end, after):
        yield Passage(reading.tokens[at].start, reading.tokens[after - 1].end, "place", "quarter")


def of_someone(reading: Reading, start: int, end: int) -> bool:
    """« l’école de Karim », « le quartier de Roubaix »: the name alone is what tells."""
    of = reading.tokens[start].key in {"de", "d"} and not reading.tokens[start].capital
    return of and (reading.tokens[end - 1].key in v.FIRST_NAMES or _town_end(reading, start + 1) == end)


def _english_place(reading: Reading, at: int, end: int) -> Iterator[Passage]:
    before = reading.tokens[at - 1]
    if before.capital and not before.opens and before.key not in v.ALLOWED and before.key not in v.LITTLE:
        yield Passage(before.start, reading.tokens[end - 1].end, "place", "quarter")

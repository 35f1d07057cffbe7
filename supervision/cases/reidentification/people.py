"""People: « Mme Lefèvre », « Karim », and which names the author says are invented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from supervision.cases.reidentification import vocabulary as v
from supervision.cases.reidentification.passages import NAMED, Passage
from supervision.cases.reidentification.reading import OF_PEOPLE, Reading, Token
from supervision.cases.reidentification.spelling import words_of

PAIRS = frozenset({"et", "and"})
APOSTROPHES = ("'", "\u2019")
_LISTS = v.LISTS["pseudonyms"]
BEFORE, AFTER = v.Phrases(_LISTS["before"]), v.Phrases(_LISTS["after"])
LIST_BEFORE, LIST_AFTER = v.Phrases(_LISTS["list_before"]), v.Phrases(_LISTS["list_after"])
QUOTE = re.compile(r"[\s:\u00ab\u00bb\u201c\u201d\"'\u2019(]{0,4}")
ASIDE = re.compile(r"[\s\u00bb\u201d\"]{0,3}[(\[,\u2013-]\s?")
AN_ASIDE_AWAY = 4  # words
A_LIST = 24  # words


def titled(reading: Reading) -> Iterator[Passage]:
    small = reading.places_of(v.SMALL_TITLES) if reading.language != "en" else []
    for at in sorted({*reading.capitals, *small} - {len(reading.tokens) - 1}):
        if _is_title(token := reading.tokens[at], reading.language):
            end = _name_after_title(reading, at + 1, many=token.text in {"MM", "Mmes", "Messieurs", "Mesdames"})
            if end > at + 1 and not _says_nothing(reading, at + 1, end):
                yield Passage(token.start, reading.tokens[end - 1].end, "titled", "titled")


def _is_title(token: Token, language: str) -> bool:
    if language == "en":
        return token.text in v.ENGLISH_TITLES
    return token.text in v.TITLES or token.key in v.SMALL_TITLES


def _name_after_title(reading: Reading, at: int, *, many: bool) -> int:
    """Past « la proviseure » in « Madame la proviseure Lambert »; an initial counts as a name."""
    tokens, start = reading.tokens, at
    if tokens[at].key in {"la", "le", "l"} and at + 2 < len(tokens):
        start = max(v.ROLES.end(tokens, at + 1), at)
        start = at if start == at + 1 else start
    if start >= len(tokens) or not tokens[start].joined:
        return at
    if _is_an_initial(reading, tokens[start]):
        return start + 1
    end = reading.run(start, joiners=PAIRS if many else frozenset(), particles=OF_PEOPLE)
    return end if end > start else at


def _is_an_initial(reading: Reading, token: Token) -> bool:
    """« Mme B. », not « Mme L’Hostis »."""
    return token.capital and len(token.text) == 1 and not reading.text.startswith(APOSTROPHES, token.end)


def _says_nothing(reading: Reading, start: int, end: int) -> bool:
    """« Madame la Directrice », « Monsieur X »."""
    capitals = [token for token in reading.tokens[start:end] if token.capital]
    plain = v.ALLOWED | v.LITTLE
    return all(token.text in v.NOBODY or (token.key in plain and len(token.text) > 1) for token in capitals)


def names(reading: Reading) -> Iterator[Passage]:
    """Capitals inside sentences; then the same words, and known first names, where a sentence begins."""
    spans = list(_runs(reading, opening=False))
    seen = {token.key for start, end in spans for token in reading.tokens[start:end] if not token.loud}
    spans += [span for span in _runs(reading, opening=True) if _is_known(reading, *span, seen)]
    for start, end in spans:
        key = "acronym" if all(token.loud for token in reading.tokens[start:end]) else "name"
        yield Passage(reading.tokens[start].start, reading.tokens[end - 1].end, "name", key)


def _runs(reading: Reading, *, opening: bool) -> Iterator[tuple[int, int]]:
    before, common = 0, _also_common(reading)
    for at in reading.capitals:
        if at >= before and _may_begin(reading.tokens[at], opening):
            before = end = reading.run(at, particles=OF_PEOPLE)
            if end > at and not _means_nothing(reading, at, end, common):
                yield _without_plain_beginning(reading, at, end, common), end


def _without_plain_beginning(reading: Reading, start: int, end: int, common: frozenset[str]) -> int:
    """« un SMS de Jérôme » is about Jérôme."""
    while start < end - 1:
        token, after = reading.tokens[start : start + 2]
        if reading.gap(start + 1) == "-" or (token.capital and not _is_plain(token.text, token.key, common)):
            break
        if token.key in OF_PEOPLE and after.capital and token.capital:
            break  # « Le Bihan »
        start += 1
    return start


def _may_begin(token: Token, opening: bool) -> bool:
    return token.opens is opening and (not opening or token.key not in v.LITTLE)


def _also_common(reading: Reading) -> frozenset[str]:
    """Words that the same text has without a capital: « le Directeur … le directeur »."""
    return frozenset(token.key for token in reading.tokens if not token.capital and len(token.text) > 2)


def _means_nothing(reading: Reading, start: int, end: int, common: frozenset[str]) -> bool:
    if v.ALLOWED_NAMES.end(reading.tokens, start) == end:
        return True
    parts = [token for token in reading.tokens[start:end] if token.capital]
    if len(parts) > 2 and all(token.loud for token in parts):
        return True  # somebody is shouting
    return all(_is_plain(token.text, token.key, common) for token in parts)


def _is_plain(text: str, key: str, common: frozenset[str]) -> bool:
    roman = len(text) > 1 and not set(text) - set("IVXLCDM")
    known = key in v.ALLOWED or key in v.LITTLE or text in v.ACRONYMS or text.rstrip("s") in v.ACRONYMS
    return len(text) == 1 or roman or known or (key in common and key not in v.FIRST_NAMES)


def _is_known(reading: Reading, start: int, end: int, seen: set[str]) -> bool:
    first = reading.tokens[start].key
    if first in seen:
        return True
    surname = end > start + 1 and reading.tokens[start + 1].capital
    return first in v.FIRST_NAMES and (first not in v.COMMON_FIRST_NAMES or surname)


# --- names that are invented -----------------------------------------------------------------------------------------


def folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in words_of(name))


def declared(reading: Reading) -> frozenset[str]:
    """What the text itself says is invented: « que j’appelle Odile », « Rose (prénom modifié) »."""
    after = (name for _, end in BEFORE.found(reading) for name in _after_words(reading, end))
    before = (name for at, _ in AFTER.found(reading) for name in _before_words(reading, at))
    listed = (name for at, end in LIST_BEFORE.found(reading) for name in _in_a_list(reading, at, end))
    return frozenset((*after, *before, *listed))


def _after_words(reading: Reading, at: int) -> list[str]:
    if at >= len(reading.tokens) or not QUOTE.fullmatch(reading.gap(at)):
        return []
    return [token.key for token in reading.tokens[at : reading.run(at)]]


def _before_words(reading: Reading, at: int) -> list[str]:
    if not at or not ASIDE.fullmatch(reading.gap(at)):
        return []
    start = at - 1
    while start > max(0, at - AN_ASIDE_AWAY) and reading.tokens[start].joined and reading.tokens[start - 1].capital:
        start -= 1
    return [token.key for token in reading.tokens[start:at] if token.capital]


def _in_a_list(reading: Reading, at: int, end: int) -> list[str]:
    """« Les prénoms Léa et Hugo sont inventés », « Prénoms inventés : Léa, Hugo »."""
    rest = range(end, min(end + A_LIST, len(reading.tokens)))
    marks = [n for n in rest if LIST_AFTER.end(reading.tokens, n) > n]
    last = (end + A_LIST if marks[0] == end else marks[-1]) if marks else end
    here = (token for token in reading.tokens[end:last] if token.sentence == reading.tokens[at].sentence)
    return [token.key for token in here if token.capital]


def is_invented(reading: Reading, passage: Passage) -> bool:
    """Every word with a capital, the title aside, is a pseudonym."""
    if passage.kind not in NAMED or not reading.pseudonyms:
        return False
    parts = [token for token in reading.between(passage.start, passage.end) if token.capital]
    parts = parts[1:] if passage.kind == "titled" and len(parts) > 1 else parts
    return bool(parts) and all(token.key in reading.pseudonyms for token in parts)

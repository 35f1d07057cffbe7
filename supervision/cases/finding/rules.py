"""What somebody looks for in texts, and where it stands in them. Plain values only.

Case and accents are set aside, a word is found where one begins with it, and what stands between « » is found as it
was said. The pattern is built for the text as it was written, so that a passage is shown as it was written too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

Terms = Sequence[re.Pattern[str]]
Piece = tuple[str, bool]  # a piece of a passage, and whether it is what was looked for

MOST_TERMS = 8
LONGEST = 200  # characters of what is looked for
AROUND = 70  # characters shown on either side of the first find
_LONGEST_WORD = 30

_QUOTED = re.compile(r"[«“\"]\s*([^«»“”\"]+?)\s*[»”\"]")
_WORD = re.compile(r"[^\W_](?:[^\s«»“”\"]*[^\W_])?")
_TOGETHER = {"œ": "oe", "æ": "ae"}
_ALIKE = {"'": "'’ʼ‘", "’": "'’ʼ‘", "-": "-‐‑–", "‑": "-‐‑–"}


def terms(wanted: str) -> list[re.Pattern[str]]:
    """One pattern for each word or « phrase »; all of them must be found. Empty where nothing is asked for."""
    phrases = [words for words in _QUOTED.findall(wanted) if _WORD.search(words)]
    said = [*phrases, *_WORD.findall(_QUOTED.sub(" ", wanted))]
    return [_pattern(words) for words in dict.fromkeys(said)][:MOST_TERMS]


def _pattern(words: str) -> re.Pattern[str]:
    """The words however they are accented, capitalised or broken over lines, from the beginning of a word on."""
    return re.compile(r"\s+".join(_however_written(word) for word in words.split()))


def _however_written(word: str) -> str:
    plain, written, at = fold(word), [], 0
    while at < len(plain):
        pair = plain[at : at + 2]
        if pair in _TOGETHER.values():
            one = next(sign for sign, letters in _TOGETHER.items() if letters == pair)
            written.append(f"(?:{_one_of(pair[0])}{_one_of(pair[1])}|[{one}{one.upper()}])")
        else:
            written.append(_one_of(plain[at]))
        at += 2 if pair in _TOGETHER.values() else 1
    return "".join(written)


def fold(text: str) -> str:
    """Without case and accents."""
    for sign, letters in _TOGETHER.items():
        text = text.replace(sign, letters).replace(sign.upper(), letters)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


@cache
def _signs() -> dict[str, str]:
    """Each letter without case and accents, with all the ways in which it is written."""
    ways: defaultdict[str, list[str]] = defaultdict(list)
    for sign in map(chr, range(0x2000)):
        if sign.isalpha() and len(plain := fold(sign)) == 1:
            ways[plain].append(sign)
    return {plain: "".join(signs) for plain, signs in ways.items()}


def _one_of(letter: str) -> str:
    signs = _ALIKE.get(letter) or _signs().get(letter, letter)
    return "[" + "".join(re.escape(sign) for sign in signs) + "]" if len(signs) > 1 else re.escape(signs)


def finds(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where a word of the text begins with it.

    The beginning is looked at afterwards: a pattern that begins with it would be tried at every letter of the text.
    """
    for match in pattern.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if not before.isalnum():
            yield match


def holds(text: str, wanted: Terms) -> bool:
    """True if every term stands in the text."""
    return all(next(finds(pattern, text), None) is not None for pattern in wanted)


def passage(text: str, wanted: Terms, around: int = AROUND) -> list[Piece]:
    """The text around the first find, in pieces; empty where nothing of it is found."""
    found = sorted({match.span() for pattern in wanted for match in finds(pattern, text)})
    if not found:
        return []
    start, end = _to_whole_words(text, found[0][0] - around, found[0][1] + around)
    pieces: list[Piece] = [("… " if start else "", False)]
    at = start
    for begins, ends in found:
        if begins >= at and ends <= end:
            pieces += [(text[at:begins], False), (text[begins:ends], True)]
            at = ends
    pieces += [(text[at:end], False), (" …" if end < len(text) else "", False)]
    return [(re.sub(r"\s+", " ", piece), hit) for piece, hit in pieces if piece]


def _to_whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Wider than asked by less than a word at either end, so that no word is cut; a line of signs is no word."""
    start, end = max(0, start), min(len(text), end)
    least, most = start - _LONGEST_WORD, end + _LONGEST_WORD
    while start > max(0, least) and not text[start - 1].isspace():
        start -= 1
    while end < min(len(text), most) and not text[end].isspace():
        end += 1
    return start, end

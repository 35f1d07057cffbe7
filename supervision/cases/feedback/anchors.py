"""Where a margin note belongs: the passage it quotes, found in a text, and found again in the next version of it.

Offsets count characters of the text as it is stored; `quote` is the text between them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SIMILAR = 0.7  # of the characters, in order: the same passage with some words changed
_LIKELY = 20  # occurrences that are looked at, the nearest ones: a single letter stands in a text a thousand times
_CONTEXT = 40  # characters on either side that tell two equal passages apart
_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-", "—": "-"})
_ALIKE_TOO = {"…": "...", "\u2010": "-", "\u2011": "-", "\u00ad": "", "œ": "oe", "Œ": "Oe"}
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Anchor:
    start: int
    end: int
    quote: str


def anchor(text: str, quote: str, start_hint: int | None = None) -> Anchor | None:
    """The passage that is quoted, the nearest to `start_hint` where it stands several times.

    Blanks, line breaks, apostrophes, quotation marks and dashes may differ: a passage that went through another
    programme comes back with others.
    """
    quote = quote.strip()
    if not quote:
        return None
    starts = list(_occurrences(text, quote))
    if starts:
        start = min(starts, key=lambda at: abs(at - (start_hint or 0)))
        return _at(text, start, start + len(quote))
    return _loosely(text, quote, start_hint)


def carry(anchor: Anchor, old_text: str, new_text: str) -> Anchor | None:
    """The same passage in another version of the text, or None where it is no longer there."""
    shift = len(new_text) - len(old_text)
    if old_text[: anchor.end] == new_text[: anchor.end]:
        return _at(new_text, anchor.start, anchor.end)
    if old_text[anchor.start :] == new_text[max(0, anchor.start + shift) :] and anchor.start + shift >= 0:
        return _at(new_text, anchor.start + shift, anchor.end + shift)
    same = sorted(_occurrences(new_text, anchor.quote), key=lambda at: abs(at - anchor.start))[:_LIKELY]
    if same:
        start = max(same, key=lambda at: _alikeness(anchor, old_text, new_text, at))
        return _at(new_text, start, start + len(anchor.quote))
    return _loosely(new_text, anchor.quote, anchor.start) or _similar(new_text, anchor.quote)


def _at(text: str, start: int, end: int) -> Anchor:
    return Anchor(start, end, text[start:end])


def _occurrences(text: str, quote: str) -> Iterator[int]:
    start = text.find(quote) if quote else -1
    while start >= 0:
        yield start
        start = text.find(quote, start + 1)


def _alikeness(anchor: Anchor, old: str, new: str, at: int) -> tuple[float, int]:
    """How much what stands around this occurrence is what stood around the passage; the nearer one in doubt."""
    end = at + len(anchor.quote)
    before = _ratio(old[max(0, anchor.start - _CONTEXT) : anchor.start], new[max(0, at - _CONTEXT) : at])
    after = _ratio(old[anchor.end : anchor.end + _CONTEXT], new[end : end + _CONTEXT])
    return before + after, -abs(at - anchor.start)


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _loosely(text: str, quote: str, start_hint: int | None) -> Anchor | None:
    plain, places = _plain(text)
    wanted, _places = _plain(quote)
    starts = list(_occurrences(plain, wanted))
    if not starts:
        return None
    start = min(starts, key=lambda at: abs(places[at] - (start_hint or 0)))
    return _at(text, places[start], places[start + len(wanted) - 1] + 1)


def _plain(text: str) -> tuple[str, list[int]]:
    """The text without blanks and with plain signs, and where each of its characters came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text.translate(_ALIKE)):
        for plain in _ALIKE_TOO.get(letter, letter):
            if not plain.isspace():
                letters.append(plain)
                places.append(place)
    return "".join(letters), places


def _similar(text: str, quote: str) -> Anchor | None:
    """The passage of about this length that shares the most words, if it is similar enough. Linear in the text."""
    words, wanted = list(_WORD.finditer(text)), _WORD.findall(quote)
    if not words or not wanted:
        return None
    first = _densest([word.group() for word in words], wanted)
    room = max(1, len(wanted) // 4)
    around = words[max(0, first - room) : first + len(wanted) + room]
    found = _tightened(around, wanted)
    if found is None:
        return None
    passage = _at(text, found[0], found[1])
    return passage if _ratio(passage.quote, quote) >= SIMILAR else None


def _densest(words: list[str], wanted: list[str]) -> int:
    """Where the stretch of as many words as are wanted begins that holds the most of them."""
    missing, shared, best = Counter(wanted), 0, (0, 0)
    for place, word in enumerate(words):
        shared += missing[word] > 0
        missing[word] -= 1
        if place >= len(wanted):
            left = words[place - len(wanted)]
            missing[left] += 1
            shared -= missing[left] > 0
        best = max(best, (shared, -max(0, place - len(wanted) + 1)))
    return -best[1]


def _tightened(around: list[re.Match[str]], wanted: list[str]) -> tuple[int, int] | None:
    """From the first to the last word that is in both."""
    matcher = SequenceMatcher(None, [word.group() for word in around], wanted, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return None
    first, last = blocks[0], blocks[-1]
    begin = max(0, first.a - first.b)  # words that were changed at its ends still belong to it
    end = min(len(around), last.a + last.size + (len(wanted) - last.b - last.size))
    return around[begin].start(), around[end - 1].end()

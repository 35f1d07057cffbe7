"""What changed between two versions of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

KEPT, ADDED, REMOVED = "kept", "added", "removed"
_SENTENCES = re.compile(r"[^.!?…\n]+[.!?…\n]*\s*|[.!?…\n]+\s*")
_WORDS = re.compile(r"\S+\s*|\s+")
_MOST = 600  # sentences between the first and the last change, words of one: beyond, they are shown as a whole


@dataclass(frozen=True)
class Piece:
    kind: str
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """Pieces in reading order: kept and added ones make the new text, kept and removed ones the old one.

    Sentences first, then the words of those that changed: quick for long texts that changed in places.
    """
    return list(_joined(_by_sentence(_SENTENCES.findall(old), _SENTENCES.findall(new))))


def _by_sentence(old: list[str], new: list[str]) -> Iterator[Piece]:
    """What is the same at both ends is set aside: comparing takes as long as the square of what is left."""
    shortest = min(len(old), len(new))
    head = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    tail = next((at for at in range(shortest - head) if old[-1 - at] != new[-1 - at]), shortest - head)
    yield Piece(KEPT, "".join(new[:head]))
    yield from _between(old[head : len(old) - tail], new[head : len(new) - tail])
    yield Piece(KEPT, "".join(new[len(new) - tail :]))


def _between(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > _MOST:
        yield from (Piece(REMOVED, "".join(old)), Piece(ADDED, "".join(new)))
        return
    for kind, before, after in _compared(old, new):
        if kind == "equal":
            yield Piece(KEPT, "".join(after))
        else:
            yield from _by_word(_WORDS.findall("".join(before)), _WORDS.findall("".join(after)))


def _by_word(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > _MOST:
        yield from (Piece(REMOVED, "".join(old)), Piece(ADDED, "".join(new)))
        return
    for kind, before, after in _compared(old, new):
        if kind == "equal":
            yield Piece(KEPT, "".join(after))
        else:
            yield from (Piece(REMOVED, "".join(before)), Piece(ADDED, "".join(after)))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield kind, old[i:j], new[k:m]


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Without empty pieces, and with neighbours of one kind as one."""
    waiting: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if waiting is not None and waiting.kind == piece.kind:
            waiting = Piece(piece.kind, waiting.text + piece.text)
            continue
        if waiting is not None:
            yield waiting
        waiting = piece
    if waiting is not None:
        yield waiting

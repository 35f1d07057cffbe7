"""Margin notes: what a supervisor writes beside a passage, and where it stands in the version that is shown.

A note is kept with its feedback as a dictionary: `id`, `version` (the number of the version it quotes), `field`,
`start`, `end`, `quote`, `text`. Without `start` its passage was not found, and it is not published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from supervision.cases.feedback.anchors import Anchor, anchor, carry
from supervision.ids import new_id

MOST = 60
LONGEST_QUOTE = 1500  # characters: more is not a passage

Texts = Mapping[str, str]  # the texts of one version by field, in the order in which they are read


def settled(written: Iterable[Mapping[str, Any]], version: int, texts: Mapping[int, Texts]) -> list[dict[str, Any]]:
    """What the editor sends, as it is kept: each note with its passage found. Emptied ones fall away.

    `texts` are those of `version` and of the earlier ones that a note quotes.
    """
    return [_settled(note, version, texts) for note in written if note.get("quote") or note.get("text")]


def _settled(note: Mapping[str, Any], version: int, texts: Mapping[int, Texts]) -> dict[str, Any]:
    kept = {"id": note.get("id") or str(new_id()), "quote": note.get("quote") or "", "text": note.get("text") or ""}
    known, hint = _number(note.get("version")), _number(note.get("start"))
    earlier = [number for number in texts if number == known and number != version]
    for number in (version, *earlier):
        place = _found(texts[number], kept["quote"], str(note.get("field") or ""), hint)
        if place is not None:
            field, found = place
            spot = {"field": field, "start": found.start, "end": found.end, "quote": found.quote}
            return kept | spot | {"version": number}
    return kept


def _found(texts: Texts, quote: str, field: str, hint: int | None) -> tuple[str, Anchor] | None:
    """In the field where it was taken, or else in the first that has it."""
    for key in (*([field] if field in texts else []), *texts):
        found = anchor(texts[key], quote, hint)
        if found is not None:
            return key, found
    return None


def _number(value: Any) -> int | None:
    return int(value) if str(value).isascii() and str(value).isdecimal() and len(str(value)) < 7 else None


def is_complete(note: Mapping[str, Any]) -> bool:
    """Fit to be published: a passage that was found, and something said of it."""
    return note.get("start") is not None and bool(note.get("text"))


def versions_quoted(notes: Iterable[Mapping[str, Any]]) -> set[int]:
    return {note["version"] for note in notes if isinstance(note.get("version"), int)}


# --- on the page ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MarginNote:
    """A note as it is read. Without `anchor` its passage is no longer in the version that is shown."""

    number: int
    field: str
    quote: str  # as the note took it
    text: str
    version: int
    by: str
    anchor: Anchor | None


@dataclass(frozen=True)
class Piece:
    """A stretch of a text. `numbers` are the notes that end with it."""

    text: str
    is_marked: bool
    numbers: tuple[int, ...]


def margin(notes: Iterable[tuple[Mapping[str, Any], str]], shown: int, texts: Mapping[int, Texts]) -> list[MarginNote]:
    """Notes (each with the name of its author) on the version `shown`, numbered in reading order; lost ones last.

    Notes on later versions are not there yet.
    """
    placed = [(note, by, _carried(note, shown, texts)) for note, by in notes if note.get("version", shown) <= shown]
    order = {field: place for place, field in enumerate(texts[shown])}

    def reading_order(item: tuple[Mapping[str, Any], str, Anchor | None]) -> tuple[int, int, int]:
        note, _by, found = item
        return (order.get(note["field"], len(order)), found is None, found.start if found else 0)

    return [
        MarginNote(number, note["field"], note["quote"], note["text"], note["version"], by, found)
        for number, (note, by, found) in enumerate(sorted(placed, key=reading_order), 1)
    ]


def _carried(note: Mapping[str, Any], shown: int, texts: Mapping[int, Texts]) -> Anchor | None:
    old = texts.get(note["version"], {}).get(note["field"], "")
    new = texts[shown].get(note["field"], "")
    taken = Anchor(note["start"], note["end"], note["quote"])
    if note["version"] == shown:
        return taken if old[taken.start : taken.end] == taken.quote else None
    return carry(taken, old, new)


def pieces(text: str, notes: Sequence[MarginNote]) -> list[Piece]:
    """The text cut where passages begin and end. Together the pieces are the text."""
    anchors = [(note.number, note.anchor) for note in notes if note.anchor is not None]
    cuts = sorted({0, len(text), *(at for _n, found in anchors for at in (found.start, found.end))})
    return [
        Piece(
            text[start:end],
            any(found.start <= start and end <= found.end for _n, found in anchors),
            tuple(number for number, found in anchors if found.end == end),
        )
        for start, end in pairwise(cuts)
    ]

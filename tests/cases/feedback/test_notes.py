"""Margin notes as they are kept, and as they are read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.feedback import notes
from supervision.cases.feedback.anchors import Anchor
from supervision.cases.feedback.notes import MarginNote, Piece

ONE = {"title": "Un silence", "account": "Le groupe arrive. Personne ne parle.", "what_i_did": "Je reste assise."}
TWO = {**ONE, "account": "Ce soir-là, le groupe arrive. Personne ne parle."}


def note(quote: str, **more: Any) -> dict[str, Any]:
    return {"id": "a", "quote": quote, "text": "Et vous ?", **more}


def test_a_pasted_passage_is_found_in_whatever_field_it_stands() -> None:
    assert notes.settled([note("Je reste")], 1, {1: ONE}) == [
        note("Je reste", version=1, field="what_i_did", start=0, end=8)
    ]


def test_a_passage_that_does_not_exist_is_kept_without_a_place() -> None:
    kept = notes.settled([note("Je pars", field="what_i_did", start="4")], 1, {1: ONE})
    assert kept == [note("Je pars")]
    assert not notes.is_complete(kept[0])


@pytest.mark.parametrize("start", ["", None, "-3", "x", "99999999999999", "²"])
def test_a_hint_that_is_no_number_does_no_harm(start: Any) -> None:
    kept = notes.settled([note("Personne", field="account", start=start)], 1, {1: ONE})
    assert (kept[0]["start"], kept[0]["end"]) == (18, 26)


def test_emptied_notes_fall_away() -> None:
    assert notes.settled([{"id": "a", "quote": "", "text": "", "start": "3"}], 1, {1: ONE}) == []


def test_a_note_without_words_is_not_complete() -> None:
    (kept,) = notes.settled([{"id": "a", "quote": "Personne", "text": ""}], 1, {1: ONE})
    assert not notes.is_complete(kept)


def test_a_note_begun_on_an_earlier_version_moves_on_or_stays_where_it_was_taken() -> None:
    taken = notes.settled([note("Personne ne parle."), note("groupe arrive")], 1, {1: ONE})
    later = {**TWO, "account": "Personne ne parle."}
    assert [(kept["version"], kept["start"]) for kept in notes.settled(taken, 2, {1: ONE, 2: later})] == [
        (2, 0),
        (1, 3),
    ]


def test_the_margin_follows_the_reading_order_and_says_which_passages_are_gone() -> None:
    taken = notes.settled([note("Je reste"), note("Personne ne parle."), note("Un silence")], 1, {1: ONE})
    later = {**TWO, "what_i_did": "Tout autre chose s’est passé là."}
    assert notes.margin([(each, "Sam") for each in taken], 2, {1: ONE, 2: later}) == [
        MarginNote(1, "title", "Un silence", "Et vous ?", 1, "Sam", Anchor(0, 10, "Un silence")),
        MarginNote(2, "account", "Personne ne parle.", "Et vous ?", 1, "Sam", Anchor(30, 48, "Personne ne parle.")),
        MarginNote(3, "what_i_did", "Je reste", "Et vous ?", 1, "Sam", None),
    ]


def test_a_note_on_a_later_version_is_not_on_the_earlier_one() -> None:
    taken = notes.settled([note("Ce soir-là")], 2, {1: ONE, 2: TWO})
    assert notes.margin([(taken[0], "Sam")], 1, {1: ONE, 2: TWO}) == []


def test_overlapping_passages_are_cut_where_they_begin_and_end() -> None:
    found = [
        MarginNote(1, "f", "bcd", "", 1, "Sam", Anchor(1, 4, "bcd")),
        MarginNote(2, "f", "de", "", 1, "Sam", Anchor(3, 5, "de")),
    ]
    assert notes.pieces("abcdef", found) == [
        Piece("a", False, ()),
        Piece("bc", True, ()),
        Piece("d", True, (1,)),
        Piece("e", True, (2,)),
        Piece("f", False, ()),
    ]


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=6))
def test_the_pieces_together_are_the_text_and_carry_each_number_once(text: str, spans: list[tuple[int, int]]) -> None:
    found = [
        MarginNote(n, "f", "", "", 1, "Sam", Anchor(start, start + length, text[start : start + length]))
        for n, (start, length) in enumerate(spans)
        if start + length <= len(text)
    ]
    cut = notes.pieces(text, found)
    assert "".join(piece.text for piece in cut) == text
    assert sorted(n for piece in cut for n in piece.numbers) == [each.number for each in found]

"""What a new version changed."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from supervision.differences import ADDED, KEPT, REMOVED, Piece, differences

TEXTS = st.text(alphabet="ab é.\n…!", max_size=80) | st.text(max_size=60)


@given(TEXTS, TEXTS)
def test_what_is_kept_and_added_makes_the_new_text_and_what_is_kept_and_removed_the_old(old: str, new: str) -> None:
    pieces = differences(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == new
    assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == old
    assert [piece for piece in pieces if not piece.text] == []


@given(TEXTS)
def test_an_unchanged_text_is_one_kept_piece(text: str) -> None:
    assert differences(text, text) == ([Piece(KEPT, text)] if text else [])


def test_words_are_compared_inside_the_sentence_that_changed() -> None:
    assert differences("Il pleut. Le groupe attend dehors.", "Il pleut. Le groupe attend dans le hall.") == [
        Piece(KEPT, "Il pleut. Le groupe attend "),
        Piece(REMOVED, "dehors."),
        Piece(ADDED, "dans le hall."),
    ]


def test_a_long_text_that_was_rewritten_is_compared_within_a_second() -> None:
    old = " ".join(f"le mot{n % 90} de la phrase." for n in range(900))
    new = " ".join(f"un mot{n % 70} pour la phrase." for n in range(900))
    began = time.perf_counter()
    assert differences(old, new)
    assert time.perf_counter() - began < 1


def test_a_text_of_ten_thousand_equal_lines_holds_nobody_up() -> None:
    began = time.perf_counter()
    pieces = differences("a\n" * 10_000, "b\n" + "a\n" * 4_000 + "c\n" + "a\n" * 5_000 + "d")
    assert {piece.kind for piece in pieces} == {REMOVED, ADDED}
    assert time.perf_counter() - began < 1

"""Words are found however they are accented, capitalised or broken over lines, and shown as they were written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.finding.rules import MOST_TERMS, fold, holds, passage, terms

TEXT = "Le cœur de l’équipe s’est fermé.\nUne longue minute de silence : « on ne dit rien ici », a dit Élodie."


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("équipe", True),
        ("EQUIPE", True),
        ("equipe elodie", True),
        ("coeur", True),
        ("cœur", True),
        ("l'équipe", True),
        ("l’equipe", True),
        ("« longue minute »", True),
        ("«\u00a0LONGUE\u202fminute\u00a0»", True),
        ('"ferme une"', False),  # a full stop stands between
        ('"minute longue"', False),
        ("minute longue", True),
        ("silen", True),  # the beginning of a word
        ("ilence", False),  # not its end
        ("dit", True),
        ("équipe absente", False),
        ("100%", False),
    ],
)
def test_all_words_must_occur_and_a_phrase_as_it_was_said(wanted: str, found: bool) -> None:
    assert holds(TEXT, terms(wanted)) is found


@pytest.mark.parametrize("nothing", ["", "   ", "« »", '"', "!? …", "«»“”", "\u200b"])
def test_nothing_asked_is_no_term(nothing: str) -> None:
    assert terms(nothing) == []


def test_signs_of_a_pattern_are_letters_like_others() -> None:
    assert [holds("a.c (b) [d]*", terms(wanted)) for wanted in ("a.c", "(b)", "abc", "[d]*", "a+c")] == [
        True,
        True,
        False,
        True,
        False,
    ]


def test_a_query_has_a_limited_number_of_terms() -> None:
    assert len(terms(" ".join(f"mot{n}" for n in range(50)))) == MOST_TERMS


def test_a_passage_shows_the_words_as_they_were_written_in_one_line_without_cutting_a_word() -> None:
    assert passage(TEXT, terms("silence ferme"), around=20) == [
        ("… ", False),
        ("cœur de l’équipe s’est ", False),
        ("fermé", True),
        (". Une longue minute de", False),
        (" …", False),
    ]


def test_words_close_to_each_other_are_both_marked() -> None:
    pieces = passage(TEXT, terms("longue silence"), around=40)
    assert [piece for piece, hit in pieces if hit] == ["longue", "silence"]


def test_where_nothing_is_found_there_is_no_passage() -> None:
    assert passage(TEXT, terms("absent")) == []


@given(st.text(max_size=60), st.text(max_size=300))
def test_no_query_breaks_on_any_text(wanted: str, text: str) -> None:
    asked = terms(wanted)
    shown = passage(text, asked)
    assert bool(shown) or not asked or not holds(text, asked)
    assert all(fold(piece).strip() for piece, hit in shown if hit)


def test_a_hostile_query_costs_no_more_than_an_honest_one() -> None:
    text, began = "a" * 100_000 + " é" * 50_000, time.perf_counter()
    holds(text, terms("« a a a a a a a a b »"))
    holds(text, terms("aaaaaaaaaaaaaaaaaaaaaaaaaaaab"))
    assert time.perf_counter() - began < 3

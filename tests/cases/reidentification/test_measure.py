"""The labelled set, and what the help is worth on it. The figures are published in docs/reidentification.md."""

from __future__ import annotations

import pytest

from supervision.cases.reidentification.passages import KINDS
from tests.cases.reidentification.measure import HALVES, disturbed, labelled, read_marks, scores

LANGUAGES = ("fr", "en")


def test_the_marks_of_a_text_become_spans_one_inside_the_other() -> None:
    text, spans = read_marks("{combination|Le maire de {town|Vierzon}, en mai}, est parti.")
    assert (text, [(text[start:end], kind) for start, end, kind in spans]) == (
        "Le maire de Vierzon, en mai, est parti.",
        [("Le maire de Vierzon, en mai", "combination"), ("Vierzon", "town")],
    )


def test_the_set_is_large_enough_and_half_of_it_clean() -> None:
    french = [entry for entry in labelled() if entry.language == "fr" and entry.half in HALVES]
    clean = sum(not entry.spans for entry in french)
    assert (len(french) >= 160, 0.45 <= clean / len(french) <= 0.55) == (True, True)
    assert {kind for entry in french for _, _, kind in entry.spans} == {*KINDS}
    assert all(len(entry.spans) <= 3 for entry in french)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("half", HALVES)
def test_nine_in_ten_are_found_and_four_in_five_shown_are_right(language: str, half: str) -> None:
    score = scores(e for e in labelled() if (e.language, e.half) == (language, half))["all"]
    assert (score.recall >= 0.9, score.precision >= 0.8) == (True, True), score


def test_a_clean_text_is_seldom_disturbed() -> None:
    shown, clean = disturbed(entry for entry in labelled() if entry.half in HALVES)
    assert shown / clean <= 0.05

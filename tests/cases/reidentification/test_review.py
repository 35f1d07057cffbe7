"""Marks in a text, numbers, and what decisions settle."""

from __future__ import annotations

import html
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from supervision.cases.reidentification import decisions
from supervision.cases.reidentification.decisions import Decision, decided
from supervision.cases.reidentification.review import MOST, Mark, Review, marked, review
from tests.cases.reidentification.test_properties import ANY_TEXT, HOSTILE, LIKELY_TEXT, grows_as_the_text

SECRET = b"one case's own"


def looked(*, kept: dict[str, Decision] | None = None, language: str = "fr", **texts: str) -> Review:
    return review(texts, dict.fromkeys(texts, language), kept=kept or {}, secret=SECRET)


def said(found: Review) -> list[tuple[int, str, int]]:
    return [(finding.number, finding.words, len(finding.places)) for finding in found.findings]


def without_marks(marked: str) -> str:
    return re.sub(r"</?(?:mark|a)\b[^>]*>", "", marked)


# --- marks ------------------------------------------------------------------------------------------------------------


@st.composite
def texts_with_marks(draw: Any) -> tuple[str, list[Mark]]:
    """Any text; marks anywhere in it, of which those of one layer do not overlap."""
    text = draw(ANY_TEXT | LIKELY_TEXT | st.text("<>&\"'a\u0301\u200d👩🏽🚀é", max_size=40))
    marks = []
    for over in (False, True):
        edges = sorted(draw(st.lists(st.integers(0, len(text)), unique=True, max_size=12)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        kept = draw(st.booleans())
        marks += [Mark(a, b, n, over, kept, is_first=n == 0) for n, (a, b) in enumerate(pairs)]
    return text, marks


@given(texts_with_marks())
def test_without_its_marks_a_text_is_the_escaped_text_to_the_character(case: tuple[str, list[Mark]]) -> None:
    text, marks = case
    assert without_marks(marked(text, marks)) == str(escape(text))


@given(texts_with_marks())
def test_marks_are_nested_as_html_wants_them(case: tuple[str, list[Mark]]) -> None:
    text, marks = case
    open_tags: list[str] = []
    for closing, name in re.findall(r"<(/?)(mark|a)\b", marked(text, marks)):
        if closing:
            assert open_tags.pop() == name
        else:
            assert name not in open_tags or name == "mark"
            open_tags.append(name)
    assert open_tags == []


@given(LIKELY_TEXT)
def test_what_is_found_is_what_is_marked(text: str) -> None:
    found = looked(account=text)
    drawn = found.marked().get("account", "")
    numbers = {int(number) for number in re.findall(r'data-number="(\d+)"', drawn)}
    assert numbers == {finding.number for finding in found.findings}
    assert without_marks(drawn) in {"", str(escape(text))}


def test_a_passage_is_marked_in_place_with_its_number_and_leads_to_what_is_said_of_it() -> None:
    assert looked(account="À <Roubaix>.").marked() == {
        "account": 'À &lt;<a href="#passage-1"><mark class="found" id="dans-le-texte-1" data-number="1">Roubaix</mark>'
        "</a>&gt;."
    }


def test_a_combination_lies_over_the_passages_in_it() -> None:
    drawn = marked("la cheffe de Lyon ce soir", [Mark(0, 22, 1, over=True, is_first=True), Mark(13, 17, 2)])
    assert drawn == (
        '<mark class="combined" id="dans-le-texte-1"><a href="#passage-1">la cheffe de </a></mark>'
        '<mark class="combined"><a href="#passage-2"><mark class="found" data-number="2">Lyon</mark></a></mark>'
        '<mark class="combined" data-number="1"> ce s</mark>oir'
    )


@pytest.mark.parametrize(
    ("text", "mark", "drawn"),
    [
        ("Rene\u0301 rit", (0, 4), "Rene\u0301"),  # an accent of its own character
        ("Ana👩🏽\u200d🚀 rit", (0, 4), "Ana👩🏽\u200d🚀"),  # the parts of one emoji
        ("شارع Roubaix هنا", (5, 12), "Roubaix"),
        ("🙂🙂 Karim", (3, 8), "Karim"),  # places are counted in characters, not in bytes or pairs
    ],
)
def test_no_mark_goes_through_what_is_drawn_as_one(text: str, mark: tuple[int, int], drawn: str) -> None:
    found = re.search(r'data-number="1">(.*?)</mark>', marked(text, [Mark(*mark, number=1)]))
    assert found
    assert html.unescape(found[1]) == drawn


# --- numbers and decisions --------------------------------------------------------------------------------------------


def test_the_same_words_are_one_finding_wherever_they_stand() -> None:
    found = looked(
        title="À Roubaix", account="Selon Karim, à roubaix ou à Roubaix, Karim rit.", question_1="Et Karim ?"
    )
    assert said(found) == [(1, "Roubaix", 2), (2, "Karim", 3)]
    assert [finding.number for finding in found.beside("account")] == [2]
    assert found.beside("question_1") == []


def test_a_decision_holds_for_the_same_words_in_every_field_and_in_a_later_text() -> None:
    (town,) = looked(account="À Roubaix.").findings
    kept = {town.identity: Decision("town", "public-place", "la gare")}
    later = looked(kept=kept, title="Roubaix", account="On revient de ROUBAIX, puis de Lyon.")
    assert [(f.words, f.decision is not None) for f in later.findings if f.kind == "town"] == [
        ("Roubaix", True),
        ("Lyon", False),
    ]
    assert [len(f.places) for f in later.findings if f.words == "Roubaix"] == [2]


def test_an_invented_name_is_settled_in_every_field_with_or_without_a_title() -> None:
    before = looked(account="Selon Karim Benali, non.")
    made = decided("name", "Karim Benali", "invented", "")
    assert made == Decision("name", "invented", pseudonym="Karim Benali")
    later = looked(
        kept={before.findings[0].identity: made},
        account="Selon Karim, M. Benali rit.",
        protection="Puis Karim et Sonia.",
    )
    assert [(f.words, f.is_open, bool(f.settled_by)) for f in later.findings] == [
        ("Karim", False, True),
        ("M. Benali", False, True),
        ("Sonia", True, False),
    ]


def test_a_title_is_no_part_of_an_invented_name() -> None:
    assert decided("titled", "Madame la proviseure Lambert", "invented", "") == Decision(
        "titled", "invented", pseudonym="Lambert"
    )


@pytest.mark.parametrize("kind", ["town", "organisation", "date", "combination"])
def test_only_people_have_invented_names(kind: str) -> None:
    assert decided(kind, "Lyon", "invented", "") == Decision(kind, "invented")


def test_words_without_a_reason_are_another_reason_and_nothing_is_no_decision() -> None:
    assert decided("town", "Lyon", "", "ville natale de personne") == Decision(
        "town", "other", "ville natale de personne"
    )
    assert decided("town", "Lyon", "", "") is None


def test_a_version_takes_along_what_concerns_it_and_where() -> None:
    karim = looked(account="Selon Karim Benali, non.").findings[0].identity
    lyon = looked(account="À Lyon.").findings[0].identity
    gone = looked(account="À Metz.").findings[0].identity
    kept = {
        gone: Decision("town", "changed"),
        karim: Decision("name", "invented", pseudonym="Karim Benali"),
        lyon: Decision("town", "public-place"),
    }
    found = looked(kept=kept, account="À Lyon, selon Karim.", protection="Vers Lyon et Nantes.")
    version = found.for_version()
    assert version == {
        lyon: Decision("town", "public-place", at=(("account", 2, 6), ("protection", 5, 9))),
        karim: Decision("name", "invented", pseudonym="Karim Benali", at=(("account", 14, 19),)),
    }
    fields = decisions.with_decisions({"account": "À Lyon, selon Karim."}, version)
    assert [(passage.key, passage.text, passage.because) for passage in decisions.told(fields)] == [
        ("account", "Lyon", "public-place"),
        ("account", "Karim", "invented"),
    ]
    assert decisions.read(fields) == version


def test_a_page_that_knows_nothing_of_decisions_loses_none() -> None:
    before = decisions.with_decisions({"title": "a"}, {"x": Decision("town", "changed")})
    assert decisions.carried({"title": "b"}, before) == {**before, "title": "b"}
    assert decisions.carried(decisions.with_decisions({"title": "b"}, {}), before) == {"title": "b"}
    assert decisions.carried({"title": "b"}, {}) == {"title": "b"}


def test_each_field_is_examined_in_its_own_language() -> None:
    texts = {"account": "In May we met. So did I.", "critical_moment": "Le 12 mars, on a ri."}
    found = review(texts, {"account": "en", "critical_moment": "fr"}, kept={}, secret=SECRET)
    assert [(f.kind, f.words) for f in found.findings] == [("date", "Le 12 mars")]


def test_the_period_of_the_form_counts_in_a_combination_and_is_not_marked_itself() -> None:
    texts = {"account": "La directrice du collège de Roubaix a ri.", "period": "mars 2026"}
    readable = frozenset({"account"})
    found = review(texts, dict.fromkeys(texts, "fr"), kept={}, secret=SECRET, readable=readable)
    assert ("combination", "combination-known") in [(f.kind, f.suggestion) for f in found.findings]
    assert found.marked().keys() == {"account"}


# --- too much of it ---------------------------------------------------------------------------------------------------


def test_what_is_beyond_a_hundred_is_counted_and_what_is_decided_is_not() -> None:
    names = [f"Aa{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(MOST + 50)]
    text = " puis ".join(f"selon {name}" for name in names)
    found = looked(account=text)
    assert (len(found.findings), found.left_out, found.undecided) == (MOST, 50, MOST + 50)
    kept = {found.findings[0].identity: Decision("name", "other")}
    after = looked(kept=kept, account=text)
    assert (len(after.findings), after.left_out, after.undecided) == (MOST + 1, 49, MOST + 49)


def work(text: str) -> float:
    began = time.process_time()
    looked(account=text).marked()
    return time.process_time() - began


PILES = (
    "Aa",
    "A",
    "1",
    "\u200b",
    '"',
    "«",
    "\u0301",
    "A\u0301",
    "👩🏽\u200d",
    "à Lyon, ",
    "la cheffe de Lyon en mars. ",
)


@pytest.mark.parametrize("piece", [*HOSTILE, *PILES])
def test_four_times_the_text_takes_about_four_times_the_work(piece: str) -> None:
    assert grows_as_the_text(work, piece)

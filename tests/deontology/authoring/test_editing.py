"""Articles are added, moved, taken out and put back: whatever happens, each keeps its id, its words and its place in
the draft, and no id is ever given twice.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.deontology.authoring import actions, editing
from supervision.deontology.authoring.editing import new_id
from supervision.deontology.authoring.rules import Last, Terms, UnknownArticle, problems

TODAY = date(2026, 11, 22)
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "up", "down", "remove", "restore"]), st.integers(0, 99), st.text(max_size=20)),
    max_size=40,
)


def words(article: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in article.items() if name != "removed"}


@given(STEPS)
def test_whatever_is_done_to_articles_their_ids_and_words_stay(steps: list[tuple[str, int, str]]) -> None:
    content, known = editing.begun_from(actions.sample_code()), {}
    known = {article["id"]: words(article) for article in content["article"]}
    for act, which, title in steps:
        slugs = [article["id"] for article in content["article"]]
        slug = slugs[which % len(slugs)]
        if act == "add" and len(slugs) < editing.MOST_ARTICLES:
            slug = new_id(title, slugs)
            texts = {"title_fr": title, "title_en": "", "body_fr": "", "body_en": ""}
            content = editing.with_article(content, slug, texts)
            known[slug] = {"id": slug, **texts}
        elif act in {"up", "down"}:
            content = editing.moved(content, slug, -1 if act == "up" else 1)
        elif act in {"remove", "restore"}:
            content = editing.removed(content, slug, is_out=act == "remove")
        assert {article["id"]: words(article) for article in content["article"]} == known
        assert len(content["article"]) == len(known)
        assert all("removed" not in article for article in editing.as_published(content)["article"])


@given(STEPS)
def test_down_undoes_up(steps: list[tuple[str, int, str]]) -> None:
    content = editing.begun_from(actions.sample_code())
    for _act, which, _title in steps:
        article = content["article"][which % len(content["article"])]
        raised = editing.moved(content, article["id"], -1)
        assert raised == content or editing.moved(raised, article["id"], 1) == content
        content = raised


def test_an_article_passes_those_that_are_taken_out() -> None:
    content = editing.begun_from(actions.sample_code())
    first, second, third = (article["id"] for article in content["article"][:3])
    content = editing.removed(content, second, is_out=True)
    content = editing.moved(content, third, -1)
    assert [article["id"] for article in editing.staying(content)][:2] == [third, first]
    content = editing.removed(content, second, is_out=False)
    assert {article["id"] for article in content["article"][:3]} == {first, second, third}


def test_what_is_not_there_is_not_changed() -> None:
    with pytest.raises(UnknownArticle):
        editing.moved(editing.empty(), "nulle-part", 1)


@pytest.mark.parametrize(
    ("title", "taken", "made"),
    [
        ("Devoir de supervision", (), "devoir-de-supervision"),
        ("L’œuvre à l’école", (), "l-oeuvre-a-l-ecole"),
        ("Supervision", ("supervision", "supervision-2"), "supervision-3"),
        ("…", (), "article"),
        ("Ж", ("article",), "article-2"),
        ("a" * 300, (), "a" * 60),
    ],
)
def test_an_id_is_made_of_the_french_title(title: str, taken: tuple[str, ...], made: str) -> None:
    assert new_id(title.replace("’", "'"), taken) == made


@given(st.text(), st.sets(st.text(max_size=8)))
def test_an_id_is_new_and_fit_for_an_address(title: str, taken: set[str]) -> None:
    made = new_id(title, taken)
    assert made not in taken
    assert made.strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""


# --- what is missing --------------------------------------------------------------------------------------------------


def terms(**changes: Any) -> Terms:
    usual = {"change": "major", "effective_on": TODAY, "grace_days": 30, "hidden_days": 30, "bound_roles": ()}
    return Terms(**{**usual, **changes})


def found(content: dict[str, Any], terms: Terms, last: Last | None = None) -> list[tuple[str, str, str]]:
    said = problems(content, terms, last=last, today=TODAY)
    return [(problem.where, problem.field, problem.what) for problem in said]


def sample(**changes: str) -> dict[str, Any]:
    return {**editing.begun_from(actions.sample_code()), **changes}


BEFORE = Last(1, TODAY - timedelta(days=90))


def test_the_sample_lacks_nothing_as_a_first_version() -> None:
    assert found(sample(), terms()) == []


@pytest.mark.parametrize(
    ("changes", "last", "missing"),
    [
        ({"title_en": ""}, None, [("texte", "title_en", "no-translation")]),
        ({"title_fr": "", "title_en": ""}, None, [("texte", "title_fr", "no-title")]),
        ({"preamble_fr": "", "preamble_en": ""}, None, []),
        ({"preamble_fr": ""}, None, [("texte", "preamble_fr", "no-translation")]),
        ({"sentence_fr": "", "sentence_en": ""}, None, [("texte", "sentence_fr", "no-sentence")]),
        ({}, BEFORE, [("texte", "summary_fr", "no-summary")]),
        ({"summary_fr": "Un mot."}, BEFORE, [("texte", "summary_en", "no-translation")]),
    ],
)
def test_what_frames_the_articles_is_there_in_both_languages(
    changes: dict[str, str], last: Last | None, missing: list[Any]
) -> None:
    assert found(sample(**changes), terms(), last) == missing


def test_an_article_without_a_body_or_a_translation_is_named_by_its_id() -> None:
    content = editing.with_article(
        sample(), "outils", {"title_fr": "Outils", "title_en": "", "body_fr": "", "body_en": ""}
    )
    assert found(content, terms()) == [("outils", "title_en", "no-translation"), ("outils", "body_fr", "no-body")]
    assert found(editing.removed(content, "outils", is_out=True), terms()) == []


def test_a_text_without_articles_is_none() -> None:
    assert found({**sample(), "article": []}, terms()) == [("articles", "", "no-article")]


@pytest.mark.parametrize(
    ("changes", "last", "what"),
    [
        ({"effective_on": None}, None, "no-day"),
        ({"effective_on": TODAY - timedelta(days=1)}, None, "day-is-past"),
        ({"effective_on": TODAY}, Last(1, TODAY), "day-is-taken"),
        ({"effective_on": TODAY}, Last(1, TODAY + timedelta(days=5)), "day-is-taken"),
        ({"change": "minor"}, None, "first-is-major"),
    ],
)
def test_the_day_is_to_come_and_is_nobody_elses(changes: dict[str, Any], last: Last | None, what: str) -> None:
    of_terms = [problem for problem in found(sample(), terms(**changes), last) if problem[0] == "publication"]
    assert [problem[2] for problem in of_terms] == [what]


@pytest.mark.parametrize(
    ("title", "taken", "slug"),
    [
        ("Depuis 1", set(), "article-depuis-1"),
        ("Depuis", set(), "article-depuis"),
        ("Depuis", {"article-depuis"}, "article-depuis-2"),
        ("PDF (en)", set(), "article-pdf-en"),
        ("Cœur du métier", set(), "coeur-du-metier"),
    ],
)
def test_no_article_takes_the_address_of_another_page(title: str, taken: set[str], slug: str) -> None:
    assert new_id(title, taken) == slug

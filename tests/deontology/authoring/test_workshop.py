"""The workshop of a text: begun, worded by two at a time, read as its readers will, closed to everybody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from supervision.db import db
from supervision.deontology.authoring import actions
from supervision.deontology.models import Article, TextDraft
from supervision.deontology.queries import version_by_number
from tests.client import FreshClient
from tests.deontology.authoring.desk import (
    HERE,
    NEW,
    article,
    begin,
    complete,
    draft,
    edit,
    fields_in,
    press,
    slugs,
)
from tests.facts import one

As = Callable[[Any], FreshClient]


# --- beginning --------------------------------------------------------------------------------------------------------


def test_a_draft_begins_with_the_words_of_the_version_before(paul: FreshClient) -> None:
    assert "Repartir de la version 1" in paul.get(HERE).text
    begin(paul)
    version = version_by_number(1)
    db.session.commit()
    assert version
    assert slugs() == [each.slug for each in version.articles]
    assert article("supervision")["body_en"] == version.articles[2].body_en.strip()
    assert (draft().content["summary_fr"], draft().revision) == ("", 1)
    assert "Rien ne la distingue encore de la version précédente." in paul.get(HERE).text


def test_without_a_version_the_code_begins_from_the_sample_and_another_text_from_nothing(
    paul: FreshClient, cast: SimpleNamespace
) -> None:
    paul.post("/deontologie/textes", data={"name_fr": "Confidentialité du groupe", "name_en": "Group confidentiality"})
    here = "/textes/confidentialite-du-groupe/atelier"
    assert "exemple fourni" not in paul.get(here).text
    assert begin(paul, "vide", here).location == here
    assert draft("confidentialite-du-groupe").content["article"] == []
    assert "Il faut au moins un article." in paul.get(here).text


@pytest.mark.parametrize("source", ["", "ailleurs", "version\x00"])
def test_a_draft_begins_from_nothing_else(paul: FreshClient, source: str) -> None:
    assert (begin(paul, source).status_code, draft()) == (400, None)


def test_a_second_beginning_leaves_the_first(paul: FreshClient, maud: FreshClient) -> None:
    begin(paul)
    paul.post(f"{HERE}/nouvel-article", data=NEW)
    assert "entre-temps" in begin(maud, "vide").text or "entre-temps" in maud.get(HERE).text
    assert "outils-numeriques" in slugs()


# --- articles ---------------------------------------------------------------------------------------------------------


def test_an_article_is_added_with_an_id_of_its_own(paul: FreshClient) -> None:
    begin(paul)
    for _ in range(2):
        paul.post(f"{HERE}/nouvel-article", data=NEW)
    assert slugs()[-2:] == ["outils-numeriques", "outils-numeriques-2"]
    edit(paul, "/article?cle=outils-numeriques", title_fr="Tout autre titre")
    assert article("outils-numeriques")["title_fr"] == "Tout autre titre"


def test_the_page_of_an_article_sent_as_it_came_changes_nothing(paul: FreshClient) -> None:
    begin(paul)
    before = draft().content
    for path in ("/article?cle=supervision", "/texte", "/publication"):
        assert edit(paul, path).status_code == 302
    assert (draft().content, draft().change, draft().grace_days) == (before, "major", 30)


def test_articles_move_and_leave_and_come_back_by_buttons(paul: FreshClient) -> None:
    begin(paul)
    first, second = slugs()[:2]
    assert press(paul, "up", second).location == f"{HERE}#article-{second}"
    assert slugs()[:2] == [second, first]
    press(paul, "remove", first)
    page = paul.get(HERE).text
    assert (article(first)["removed"], "Remettre" in page) == (True, True)
    assert f"{version_title(first)}\u00a0: supprimé" in page
    press(paul, "restore", first)
    assert "removed" not in article(first)


def version_title(slug: str) -> str:
    return str(one(select(Article.title_fr).where(Article.slug == slug)))


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"remove": "nulle-part"}, 404), ({}, 400), ({"up": "supervision", "down": "supervision"}, 400)],
)
def test_a_button_that_is_not_there_changes_nothing(paul: FreshClient, sent: dict[str, str], status: int) -> None:
    begin(paul)
    assert paul.post(f"{HERE}/changer", data={"revision": 1, **sent}).status_code == status
    assert draft().revision == 1


def test_a_button_of_an_older_page_changes_nothing_and_says_so(paul: FreshClient, maud: FreshClient) -> None:
    begin(paul)
    press(maud, "remove", "supervision")
    press(paul, "up", "confidentialite", revision=1)
    assert "Quelqu’un d’autre du comité" in paul.get(HERE).text
    assert draft().revision == 2


def test_a_preview_shows_both_languages_and_saves_nothing(paul: FreshClient) -> None:
    begin(paul)
    page = edit(paul, "/article?cle=supervision", body_fr="Du **gras**", body_en="<b>x</b>", preview="1")
    assert (page.status_code, "<strong>gras</strong>" in page.text, "<b>x</b>" in page.text) == (200, True, False)
    assert article("supervision")["body_fr"] != "Du **gras**"
    fresh = paul.post(f"{HERE}/nouvel-article", data={**NEW, "preview": "1"})
    assert (fresh.status_code, "outils-numeriques" in slugs()) == (200, False)


def test_a_very_long_article_is_refused_at_its_field(paul: FreshClient) -> None:
    begin(paul)
    page = edit(paul, "/article?cle=supervision", body_fr="mot " * 6000)
    assert (page.status_code, 'id="body_fr-error"' in page.text, draft().revision) == (422, True, 1)
    assert edit(paul, "/article?cle=supervision", body_fr="mot " * 600_000).status_code == 413


# --- two at once ------------------------------------------------------------------------------------------------------


def test_two_who_write_on_different_articles_do_not_disturb_each_other(paul: FreshClient, maud: FreshClient) -> None:
    begin(paul)
    page = fields_in(paul.get(f"{HERE}/article?cle=supervision").text)
    edit(maud, "/article?cle=responsabilite", body_fr="Maud a écrit ceci.")
    paul.post(f"{HERE}/article?cle=supervision", data={**page, "body_fr": "Paul a écrit cela."})
    assert [article(slug)["body_fr"] for slug in ("responsabilite", "supervision")] == [
        "Maud a écrit ceci.",
        "Paul a écrit cela.",
    ]


@pytest.mark.parametrize("path", ["/article?cle=supervision", "/texte"])
def test_of_two_who_write_at_the_same_place_neither_loses_a_word(
    paul: FreshClient, maud: FreshClient, path: str
) -> None:
    begin(paul)
    name = "body_fr" if "article" in path else "preamble_fr"
    page = fields_in(paul.get(HERE + path).text)
    edit(maud, path, **{name: "Maud a écrit ceci."})
    told = paul.post(HERE + path, data={**page, name: "Paul a écrit cela."})
    assert told.status_code == 409
    assert all(text in told.text for text in ("Maud a écrit ceci.", "Paul a écrit cela.", "modifié ailleurs"))
    again = paul.post(HERE + path, data=fields_in(told.text))
    assert again.status_code == 302
    assert "Paul a écrit cela." in str(draft().content)


def test_terms_that_somebody_else_changed_are_shown_beside_ones_own(
    paul: FreshClient, maud: FreshClient, today: date
) -> None:
    begin(paul)
    page = fields_in(paul.get(f"{HERE}/publication").text)
    edit(maud, "/publication", grace_days="45", bound_roles="trainee")
    told = paul.post(f"{HERE}/publication", data={**page, "grace_days": "60"})
    assert (told.status_code, "45 jours" in told.text, draft().grace_days) == (409, True, 45)
    assert paul.post(f"{HERE}/publication", data=fields_in(told.text)).status_code == 302
    assert draft().grace_days == 60


# --- when it binds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"effective_on": "2020-01-01"}, "effective_on"),
        ({"effective_on": "demain"}, "effective_on"),
        ({"effective_on": "0000-00-00"}, "effective_on"),
        ({"grace_days": "-1"}, "grace_days"),
        ({"grace_days": "9" * 5000}, "grace_days"),
        ({"grace_days": ""}, "grace_days"),
        ({"hidden_days": "731"}, "hidden_days"),
        ({"change": "huge"}, "change"),
        ({"bound_roles": "pope"}, "bound_roles"),
    ],
)
def test_terms_that_cannot_be_kept_are_refused_at_their_field(
    paul: FreshClient, changes: dict[str, str], field: str
) -> None:
    begin(paul)
    page = edit(paul, "/publication", **changes)
    assert (page.status_code, set(re.findall(r'id="(\w+)-error"', page.text)), draft().revision) == (422, {field}, 1)


def test_two_versions_do_not_begin_on_one_day(paul: FreshClient, today: date, now: Any) -> None:
    begin(paul)
    db.session.execute(update(TextDraft).values(effective_on=today))
    db.session.commit()
    assert edit(paul, "/publication", effective_on=today.isoformat()).status_code == 302  # version 1 is older
    actions.deontology.publish(
        actor=None, number=2, change="minor", effective_on=today, texts=actions.sample_code(), now=now
    )
    db.session.commit()
    assert edit(paul, "/publication", effective_on=today.isoformat(), grace_days="9").status_code == 422


# --- reading it over --------------------------------------------------------------------------------------------------


def test_a_draft_is_read_as_its_readers_will_and_so_is_what_changes(paul: FreshClient, today: date) -> None:
    complete(paul, today)
    edit(paul, "/article?cle=supervision", body_fr="Je travaille autrement.")
    for language, title in (("fr", "Outils numériques"), ("en", "Digital tools")):
        for path in ("/apercu", "/changements"):
            page = paul.get(f"{HERE}{path}?langue={language}")
            assert (page.status_code, title in page.text) == (200, True)
    assert re.search(r"<ins>[^<]*autrement", paul.get(f"{HERE}/changements").text)


# --- who --------------------------------------------------------------------------------------------------------------

DOORS = ("", "/article?cle=supervision", "/texte", "/publication", "/nouvel-article", "/apercu", "/changements")


@pytest.mark.parametrize("door", DOORS)
def test_for_everybody_else_there_is_no_workshop(as_: As, cast: SimpleNamespace, paul: FreshClient, door: str) -> None:
    begin(paul)
    statuses = {
        who: as_(getattr(cast, who)).get(HERE + door).status_code for who in ("ana", "sam", "ada", "ines", "maud")
    }
    assert statuses == {"ana": 404, "sam": 404, "ada": 404, "ines": 404, "maud": 200}


@pytest.mark.parametrize("path", ["/article?cle=nulle-part", "/article?cle=%00", "/article"])
def test_what_does_not_exist_is_nowhere(paul: FreshClient, path: str) -> None:
    begin(paul)
    assert paul.get(HERE + path).status_code == 404
    assert paul.get("/textes/nulle-part/atelier").status_code == 404
    assert paul.get("/textes/%00/atelier").status_code == 404

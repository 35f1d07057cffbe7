"""The committee's workshop: two people word the next version, one asks, the other answers, then it is published."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from supervision.db import db
from supervision.demo.association import PASSWORD
from supervision.deontology.authoring import actions, queries
from supervision.deontology.models import Article, TextDraft, TextKind, TextVersion
from supervision.deontology.queries import version_by_number
from tests.client import FreshClient
from tests.facts import acts, at_once, mails, one, rows

HERE = "/deontologie/atelier"
NEW = {"title_fr": "Outils numériques", "title_en": "Digital tools", "body_fr": "Je demande.", "body_en": "I ask."}
SUMMARY = {"summary_fr": "Un article de plus.", "summary_en": "One more article."}

As = Callable[[Any], FreshClient]


@pytest.fixture
def paul(as_: As, cast: SimpleNamespace) -> FreshClient:
    return as_(cast.paul)


@pytest.fixture
def maud(as_: As, cast: SimpleNamespace) -> FreshClient:
    return as_(cast.maud)


def draft(kind: str = "deontologie") -> Any:
    found = rows(select(TextDraft).where(TextDraft.kind == kind))
    return found[0] if found else None


def article(slug: str) -> dict[str, Any]:
    return next(each for each in draft().content["article"] if each["id"] == slug)


def slugs() -> list[str]:
    return [each["id"] for each in draft().content["article"]]


def begin(client: FreshClient, source: str = "version", here: str = HERE) -> Any:
    return client.post(f"{here}/commencer", data={"depuis": source})


def fields_in(page: str) -> dict[str, Any]:
    """What the form of a page of words or terms holds."""
    form = re.findall(r'<form method="post"[^>]*novalidate.*?</form>', page, re.DOTALL)[-1]
    values: dict[str, Any] = {}
    for found in re.findall(r"<input ([^>]*)>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', found))
        is_choice = attributes.get("type") in {"radio", "checkbox"}
        if not is_choice or re.search(r"(^| )checked( |$)", found):
            values[attributes["name"]] = unescape(attributes.get("value", ""))
    texts = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL)
    values |= {name: unescape(text) for name, text in texts}
    values.pop("csrf_token", None)
    return values


def edit(client: FreshClient, path: str, **changes: Any) -> Any:
    """Send a page as it came, with changes."""
    return client.post(HERE + path, data={**fields_in(client.get(HERE + path).text), **changes})


def complete(client: FreshClient, today: date) -> None:
    """A draft that lacks nothing: one more article, a summary, a day."""
    begin(client)
    client.post(f"{HERE}/nouvel-article", data=NEW)
    edit(client, "/texte", **SUMMARY)
    edit(client, "/publication", effective_on=(today + timedelta(days=14)).isoformat())


def act(client: FreshClient, name: str, **data: Any) -> Any:
    return client.post(f"{HERE}/{name}", data={"revision": draft().revision, **data})


def press(client: FreshClient, button: str, slug: str, revision: int | None = None) -> Any:
    return client.post(f"{HERE}/changer", data={button: slug, "revision": revision or draft().revision})


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


# --- a second person --------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said_before_the_review(paul: FreshClient) -> None:
    begin(paul)
    paul.post(f"{HERE}/nouvel-article", data={"title_fr": "Outils"})
    page = act(paul, "relecture")
    assert (page.status_code, draft().review_asked_by) == (422, None)
    said = [
        "Dites en quelques phrases ce qui change depuis la version précédente.",
        "Choisissez le jour où elle prend effet.",
        "Cet article n’a pas encore de texte.",
    ]
    assert [sentence in page.text for sentence in said] == [True, True, True]
    fields = paul.get(f"{HERE}/article?cle=outils&reprendre=1").text
    assert set(re.findall(r'id="(\w+)-error"', fields)) == {"title_en", "body_fr"}


def test_a_review_is_asked_of_the_others_of_the_committee(
    paul: FreshClient, maud: FreshClient, cast: SimpleNamespace, today: date
) -> None:
    complete(paul, today)
    assert act(paul, "relecture").status_code == 302
    assert [mail.person_id for mail in mails("text-review")] == [cast.maud.id]
    assert acts("text-review-asked") == [("text-review-asked", cast.paul.id, "text/deontologie")]
    assert "Approuver ce texte" not in paul.get(HERE).text
    assert "Approuver ce texte" in maud.get(HERE).text


def test_whoever_asked_does_not_answer(paul: FreshClient, today: date) -> None:
    complete(paul, today)
    act(paul, "relecture")
    for name in ("approuver", "renvoyer"):
        act(paul, name, remark="Très bien.")
    assert (draft().approved_by, draft().remark) == (None, None)
    assert "une autre personne du comité y répond" in paul.get(HERE).text


def test_the_database_refuses_one_person_for_both(
    paul: FreshClient, cast: SimpleNamespace, today: date, now: Any
) -> None:
    complete(paul, today)
    act(paul, "relecture")
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(update(TextDraft).values(approved_by=cast.paul.id, approved_at=now))
    db.session.commit()


def test_a_draft_is_sent_back_with_a_remark(
    paul: FreshClient, maud: FreshClient, cast: SimpleNamespace, today: date
) -> None:
    complete(paul, today)
    act(paul, "relecture")
    assert act(maud, "renvoyer", remark="").status_code == 422
    act(maud, "renvoyer", remark="L’article sur les outils est trop long.")
    page = paul.get(HERE).text
    assert ("Remarque de Maud Olivier" in page, "trop long" in page) == (True, True)
    assert draft().review_asked_by is None
    act(paul, "relecture")
    assert (draft().remark, [act[0] for act in acts("text-sent-back")]) == (None, ["text-sent-back"])


@pytest.mark.parametrize("change", ["words", "order", "terms"])
def test_any_change_cancels_the_approval(paul: FreshClient, maud: FreshClient, today: date, change: str) -> None:
    complete(paul, today)
    act(paul, "relecture")
    act(maud, "approuver")
    if change == "words":
        edit(maud, "/article?cle=supervision", body_fr="Autre chose.")
    elif change == "order":
        press(maud, "up", "supervision")
    else:
        edit(maud, "/publication", grace_days="10")
    assert (draft().approved_by, draft().review_asked_by) == (None, None)
    assert act(paul, "publier", password=PASSWORD).status_code == 422
    assert rows(select(TextVersion.number)) == [1]


def test_what_is_approved_is_what_was_seen(paul: FreshClient, maud: FreshClient, today: date) -> None:
    complete(paul, today)
    seen = draft().revision
    act(paul, "relecture")
    press(paul, "up", "supervision")
    act(paul, "relecture")
    maud.post(f"{HERE}/approuver", data={"revision": seen})
    assert draft().approved_by is None


# --- publishing -------------------------------------------------------------------------------------------------------


def reviewed(paul: FreshClient, maud: FreshClient, today: date) -> None:
    complete(paul, today)
    act(paul, "relecture")
    act(maud, "approuver")


def test_an_approved_draft_becomes_the_next_version_for_ever(
    paul: FreshClient, maud: FreshClient, cast: SimpleNamespace, today: date
) -> None:
    complete(paul, today)
    press(paul, "remove", "honoraires" if "honoraires" in slugs() else slugs()[5])
    gone = next(each["id"] for each in draft().content["article"] if "removed" in each)
    act(paul, "relecture")
    act(maud, "approuver")
    assert act(paul, "publier", password=PASSWORD).location == HERE
    made = one(select(TextVersion).where(TextVersion.number == 2))
    assert (made.published_by, made.approved_by, made.effective_on) == (
        cast.paul.id,
        cast.maud.id,
        today + timedelta(days=14),
    )
    kept = rows(select(Article.slug).where(Article.version_id == made.id).order_by(Article.position))
    assert ("outils-numeriques" in kept, gone in kept, draft()) == (True, False, None)
    assert acts("code-published")[-1] == ("code-published", cast.paul.id, f"text-version/{made.id}")
    assert "Repartir de la version 2" in maud.get(HERE).text


def test_nothing_is_published_without_the_password(paul: FreshClient, maud: FreshClient, today: date) -> None:
    reviewed(paul, maud, today)
    for password in ("", "pas le bon mot"):
        page = act(paul, "publier", password=password)
        assert (page.status_code, 'id="password-error"' in page.text) == (422, True)
    assert rows(select(TextVersion.number)) == [1]


def test_nothing_is_published_that_nobody_else_has_approved(paul: FreshClient, today: date) -> None:
    complete(paul, today)
    assert act(paul, "publier", password=PASSWORD).status_code == 422
    act(paul, "relecture")
    page = act(paul, "publier", password=PASSWORD)
    assert (page.status_code, "personne d’autre ne l’a encore approuvé" in page.text) == (422, True)
    assert rows(select(TextVersion.number)) == [1]


def test_a_day_that_has_passed_while_it_waited_is_refused(paul: FreshClient, maud: FreshClient, today: date) -> None:
    reviewed(paul, maud, today)
    db.session.execute(update(TextDraft).values(effective_on=today - timedelta(days=1)))
    db.session.commit()
    page = act(paul, "publier", password=PASSWORD)
    assert (page.status_code, "sa date est passée" in page.text, len(rows(select(TextVersion.id)))) == (422, True, 1)


def test_two_who_publish_at_once_publish_one_version(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        people = {person.email_key.partition("@")[0]: person for person in db.session.query(actions.Person)}
        clients: dict[str, Any] = {name: app.test_client() for name in ("paul", "maud")}
        for name, client in clients.items():
            client.sign_in(people[name])
        today = queries.last_version("deontologie").effective_on + timedelta(days=90)  # type: ignore[union-attr]
        db.session.commit()
        reviewed(clients["paul"], clients["maud"], today)
        revision = draft().revision
    data = {"revision": revision, "password": PASSWORD}
    answers = at_once(*(lambda c=client: c.post(f"{HERE}/publier", data=data) for client in clients.values()))
    with app.app_context():
        assert [answer.status_code for answer in answers] == [302, 302]
        assert rows(select(TextVersion.number).order_by(TextVersion.number)) == [1, 2]


def test_a_draft_is_given_up(paul: FreshClient) -> None:
    begin(paul)
    assert paul.post(f"{HERE}/abandonner", data={"revision": 7}).status_code == 302
    assert draft() is not None
    act(paul, "abandonner")
    assert draft() is None


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


# --- other texts ------------------------------------------------------------------------------------------------------


def test_a_text_is_added_written_retired_and_asked_for_again(paul: FreshClient, cast: SimpleNamespace) -> None:
    names = {"name_fr": "Données personnelles", "name_en": "Personal data", "is_public": "y"}
    assert paul.post("/deontologie/textes", data=names).location == "/textes/donnees-personnelles/atelier"
    kind = one(select(TextKind).where(TextKind.slug == "donnees-personnelles"))
    assert (kind.name_en, kind.is_public, kind.has_consequences, kind.position) == ("Personal data", True, False, 1)
    paul.post("/deontologie/textes/donnees-personnelles/retirer")
    assert paul.get("/textes/donnees-personnelles/atelier").status_code == 404
    assert "Demander de nouveau" in paul.get("/deontologie/textes").text
    paul.post("/deontologie/textes/donnees-personnelles/reprendre")
    assert paul.get("/textes/donnees-personnelles/atelier").status_code == 200
    done = [act[0] for act in acts("text-kind-added", "text-kind-retired", "text-kind-resumed")]
    assert done == ["text-kind-added", "text-kind-retired", "text-kind-resumed"]


def test_a_second_text_of_the_same_name_has_its_own_address(paul: FreshClient) -> None:
    names = {"name_fr": "Déontologie", "name_en": "Ethics"}
    assert paul.post("/deontologie/textes", data=names).location == "/textes/deontologie-2/atelier"


def test_the_code_is_always_asked_for(paul: FreshClient) -> None:
    assert paul.post("/deontologie/textes/deontologie/retirer").status_code == 403
    assert paul.post("/deontologie/textes/nulle-part/retirer").status_code == 404


@pytest.mark.parametrize("missing", ["name_fr", "name_en"])
def test_a_text_has_a_name_in_both_languages(paul: FreshClient, missing: str) -> None:
    names = {"name_fr": "Données personnelles", "name_en": "Personal data", missing: " "}
    page = paul.post("/deontologie/textes", data=names)
    assert (page.status_code, re.findall(r'id="(\w+)-error"', page.text)) == (422, [missing])
    assert len(rows(select(TextKind.slug))) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_texts_costs_the_same_for_many(
    paul: FreshClient, now: Any, cast: SimpleNamespace, statements: Callable[[], list[str]], count: int
) -> None:
    asked = []
    for _ in range(2):
        paul.get("/deontologie/textes")
        statements()
        paul.get("/deontologie/textes")
        asked.append(len(statements()))
        for number in range(count):
            paul.post("/deontologie/textes", data={"name_fr": f"Texte {number}", "name_en": f"Text {number}"})
    assert asked[0] == asked[1]

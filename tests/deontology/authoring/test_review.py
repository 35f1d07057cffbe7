"""A second person: asked, she approves exactly what she saw or sends it back; only then is a version published."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from supervision.db import db
from supervision.demo.association import PASSWORD
from supervision.deontology.authoring import actions, queries
from supervision.deontology.models import Article, TextDraft, TextVersion
from tests.client import FreshClient
from tests.deontology.authoring.desk import (
    HERE,
    act,
    begin,
    complete,
    draft,
    edit,
    press,
    slugs,
)
from tests.facts import acts, at_once, mails, one, rows

As = Callable[[Any], FreshClient]


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
    assert ["Un texte à relire" in client.get("/").text for client in (paul, maud)] == [False, True]
    act(maud, "approuver")
    assert ["Un texte à publier" in client.get("/").text for client in (paul, maud)] == [True, False]


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

"""Links that a mail carries: an invitation, a new password. Each serves once, for a while, for an open account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from supervision import clock
from supervision.db import db
from supervision.people.models import Person
from supervision.sign_in import actions, passwords
from supervision.sign_in.models import SingleUseLink, UserSession
from supervision.sign_in.rules import link_token
from tests.client import FreshClient
from tests.facts import acts, again, at_once, mails, newest_link, one, rows, statuses

As = Callable[[Person], FreshClient]
CHOSEN = {"password": "une lanterne sous la pluie", "password_again": "une lanterne sous la pluie"}
USED = "Ce lien ne sert plus"


@pytest.fixture
def newcomer(app: Flask, cast: SimpleNamespace, now: datetime) -> Person:
    """Somebody who was invited and has not answered yet."""
    person = cast.zoe
    person.password_hash = None
    actions.send_link(kind="invitation", person=person, actor=cast.ada, now=now)
    db.session.commit()
    return person


def send_reset(person: Person, now: datetime) -> None:
    actions.send_link(kind="reset", person=person, actor=None, now=now)
    db.session.commit()


# --- an invitation ----------------------------------------------------------------------------------------------------


def test_an_invitation_greets_sets_the_password_and_lets_in(app: Flask, visitor: FreshClient, newcomer: Person) -> None:
    path = f"/invitation/{newest_link(app, newcomer)}"
    page = visitor.get(path)
    assert page.status_code == 200
    assert "Bienvenue, Zoé Lambert" in page.text
    answer = visitor.post(path, data=CHOSEN)
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Zoé Lambert" in visitor.get("/").text
    assert passwords.is_right(again(newcomer).password_hash, CHOSEN["password"])
    assert acts("password-set", "signed-in") == [
        ("password-set", newcomer.id, f"person/{newcomer.id}"),
        ("signed-in", newcomer.id, f"person/{newcomer.id}"),
    ]
    assert mails("password-changed") == []


def test_an_invitation_serves_once(app: Flask, visitor: FreshClient, newcomer: Person) -> None:
    path = f"/invitation/{newest_link(app, newcomer)}"
    visitor.post(path, data=CHOSEN)
    kept = again(newcomer).password_hash
    second = app.test_client()
    answers = [second.get(path), second.post(path, data=CHOSEN)]
    assert [(answer.status_code, USED in answer.text) for answer in answers] == [(410, True)] * 2
    assert again(newcomer).password_hash == kept


@pytest.mark.parametrize(("age", "status"), [(timedelta(days=7, seconds=-30), 200), (timedelta(days=7), 410)])
def test_an_invitation_lives_seven_days(
    app: Flask, visitor: FreshClient, newcomer: Person, age: timedelta, status: int
) -> None:
    clock.shift_by(age)
    assert visitor.get(f"/invitation/{newest_link(app, newcomer)}").status_code == status


def test_a_new_invitation_replaces_the_one_before(app: Flask, as_: As, cast: SimpleNamespace, newcomer: Person) -> None:
    old = newest_link(app, newcomer)
    answer = as_(cast.ada).post(f"/personnes/{newcomer.id}/inviter-de-nouveau")
    new, stranger = newest_link(app, newcomer), app.test_client()
    assert (answer.status_code, old != new) == (302, True)
    assert [stranger.get(f"/invitation/{token}").status_code for token in (old, new)] == [410, 200]


def test_an_invitation_to_a_closed_account_opens_nothing(app: Flask, visitor: FreshClient, newcomer: Person) -> None:
    db.session.execute(update(Person).where(Person.id == newcomer.id).values(deactivated_at=clock.now()))
    db.session.commit()
    path = f"/invitation/{newest_link(app, newcomer)}"
    assert [visitor.get(path).status_code, visitor.post(path, data=CHOSEN).status_code] == [410, 410]
    assert again(newcomer).password_hash is None
    assert one(select(func.count()).select_from(UserSession)) == 0


def test_an_account_closed_and_reopened_keeps_no_link(
    app: Flask, as_: As, cast: SimpleNamespace, visitor: FreshClient, newcomer: Person
) -> None:
    path, ada = f"/invitation/{newest_link(app, newcomer)}", as_(cast.ada)
    before = visitor.get(path).status_code
    for act in ("fermer", "rouvrir"):
        ada.post(f"/personnes/{newcomer.id}/{act}")
    assert (before, visitor.get(path).status_code, again(newcomer).deactivated_at) == (200, 410, None)


def test_an_invitation_speaks_the_language_of_the_person_and_not_of_the_browser(
    app: Flask, visitor: FreshClient, newcomer: Person
) -> None:
    newcomer.language = "en"
    db.session.commit()
    path, french = f"/invitation/{newest_link(app, newcomer)}", {"Accept-Language": "fr"}
    pages = [visitor.get(path, headers=french), visitor.post(path, data={}, headers=french)]
    visitor.post(path, data=CHOSEN, headers=french)
    welcome = visitor.get("/", headers=french).text
    assert ['<html lang="en"' in page.text for page in pages] == [True, True]
    assert "Votre mot de passe est enregistré" not in welcome
    assert "Zoé Lambert" in welcome


@pytest.mark.parametrize("door", ["link", "change"])
def test_no_transaction_is_open_while_a_new_password_is_hashed(
    app: Flask, as_: As, visitor: FreshClient, newcomer: Person, cast: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch, door: str,
) -> None:  # fmt: skip
    open_then, plain = [], passwords.hash_password

    def hash_password(password: str) -> str:
        open_then.append(db.session().in_transaction())
        return plain(password)

    monkeypatch.setattr(passwords, "hash_password", hash_password)
    if door == "link":
        visitor.post(f"/invitation/{newest_link(app, newcomer)}", data=CHOSEN)
    else:
        as_(cast.ana).post("/mot-de-passe", data=CHOSEN | {"current_password": "un prisme transparent"})
    assert open_then == [False]


def test_whoever_has_chosen_a_password_is_not_invited_again(as_: As, cast: SimpleNamespace) -> None:
    assert as_(cast.ada).post(f"/personnes/{cast.ana.id}/inviter-de-nouveau").status_code == 403
    assert mails("invitation") == []


def test_a_link_of_one_kind_does_not_open_the_other(app: Flask, visitor: FreshClient, newcomer: Person) -> None:
    token = newest_link(app, newcomer)
    assert visitor.get(f"/nouveau-mot-de-passe/{token}").status_code == 410
    assert visitor.get(f"/invitation/{token}").status_code == 200


def test_a_forged_link_opens_nothing(app: Flask, visitor: FreshClient, newcomer: Person) -> None:
    right = newest_link(app, newcomer)
    link_id = rows(select(SingleUseLink.id))[0]
    forged = [link_token(link_id, "another secret"), right[:-1], right + "A", right + "=", "é", "%00", "A" * 5000]
    answers = [visitor.get(f"/invitation/{token}") for token in forged]
    assert [answer.status_code for answer in answers] == [410] * len(forged)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Ce champ est obligatoire."),
        ({"password": "court"}, "Choisissez au moins 12 caractères."),
        ({"password": "aaaaaaaaaaaaaaaa", "password_again": "aaaaaaaaaaaaaaaa"}, "se devine trop facilement"),
        ({"password": "zoe@rives.example", "password_again": "zoe@rives.example"}, "se devine trop facilement"),
        ({"password": "Zoé LambertZoé Lambert", "password_again": "Zoé LambertZoé Lambert"}, "trop facilement"),
        ({"password": "x" * 257, "password_again": "x" * 257}, "dépasse de 1 caractère la longueur admise"),
        ({**CHOSEN, "password_again": "une lanterne sous la neige"}, "Les deux mots de passe diffèrent."),
    ],
)
def test_a_password_that_will_not_do_is_told_and_the_link_still_serves(
    app: Flask, visitor: FreshClient, newcomer: Person, form: dict[str, str], sentence: str
) -> None:
    path = f"/invitation/{newest_link(app, newcomer)}"
    answer = visitor.post(path, data=form)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert not any(typed in answer.text for typed in form.values() if "@" not in typed and "Zoé" not in typed)
    assert again(newcomer).password_hash is None
    assert visitor.post(path, data=CHOSEN).status_code == 302


def test_a_link_opened_twice_at_once_serves_one_of_the_two(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        ana = rows(select(Person).where(Person.email_key == "ana@rives.example"))[0]
        send_reset(ana, clock.now())
        path = f"/nouveau-mot-de-passe/{newest_link(app, ana)}"
    forms = [{"password": word * 3, "password_again": word * 3} for word in ("pluie-", "neige-", "grêle-", "brume-")]
    answers = at_once(*(lambda form=form: app.test_client().post(path, data=form) for form in forms))
    assert statuses(answers) == [302, 410, 410, 410]
    with app.app_context():
        assert [act for act, *_ in acts("password-set")] == ["password-set"]
        assert len(rows(select(UserSession.id).where(UserSession.ended_at.is_(None)))) == 1


def test_two_links_asked_for_at_once_leave_one_that_works(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    client = app.test_client
    answers = at_once(*[lambda: client().post("/mot-de-passe-oublie", data={"email": "ana@rives.example"})] * 3)
    assert statuses(answers) == [200] * 3
    with app.app_context():
        usable = select(SingleUseLink.id).where(SingleUseLink.used_at.is_(None), SingleUseLink.replaced_at.is_(None))
        assert len(rows(usable)) == 1


# --- a forgotten password ---------------------------------------------------------------------------------------------


def without_token(text: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


def test_asking_for_a_link_never_says_whether_there_is_an_account(
    visitor: FreshClient, cast: SimpleNamespace, now: datetime
) -> None:
    db.session.execute(update(Person).where(Person.id == cast.zoe.id).values(deactivated_at=now))
    db.session.execute(update(Person).where(Person.id == cast.paul.id).values(password_hash=None))
    db.session.commit()
    emails = ("ana@rives.example", "nobody@rives.example", "zoe@rives.example", "paul@rives.example")
    answers = [visitor.post("/mot-de-passe-oublie", data={"email": email}) for email in emails]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({without_token(answer.text) for answer in answers}) == 1
    assert len({str(sorted(answer.headers.keys())) for answer in answers}) == 1
    sent = [(mail.kind, mail.person_id) for kind in ("reset", "invitation") for mail in mails(kind)]
    assert sent == [("reset", cast.ana.id), ("invitation", cast.paul.id)]


def test_a_reset_sets_the_password_ends_every_session_and_says_so_by_mail(
    app: Flask, visitor: FreshClient, as_: As, cast: SimpleNamespace
) -> None:
    elsewhere = as_(cast.ana)
    visitor.post("/mot-de-passe-oublie", data={"email": "ana@rives.example"})
    answer = visitor.post(f"/nouveau-mot-de-passe/{newest_link(app, cast.ana)}", data=CHOSEN)
    assert answer.status_code == 302
    assert elsewhere.get("/").location.startswith("/connexion")
    assert visitor.get("/").status_code == 200
    assert [mail.person_id for mail in mails("password-changed")] == [cast.ana.id]
    assert passwords.is_right(again(cast.ana).password_hash, CHOSEN["password"])


@pytest.mark.parametrize(("age", "status"), [(timedelta(hours=2, seconds=-30), 200), (timedelta(hours=2), 410)])
def test_a_reset_lives_two_hours(
    app: Flask, visitor: FreshClient, cast: SimpleNamespace, now: datetime, age: timedelta, status: int
) -> None:
    send_reset(cast.ana, now)
    clock.shift_by(age)
    assert visitor.get(f"/nouveau-mot-de-passe/{newest_link(app, cast.ana)}").status_code == status


def test_a_changed_password_voids_the_links_sent_before(
    app: Flask, visitor: FreshClient, cast: SimpleNamespace, now: datetime
) -> None:
    send_reset(cast.ana, now)
    token = newest_link(app, cast.ana)
    actions.set_password(person=cast.ana, password_hash=passwords.hash_password("une autre phrase"), now=now)
    db.session.commit()
    assert visitor.get(f"/nouveau-mot-de-passe/{token}").status_code == 410


@pytest.mark.parametrize(
    "email",
    ["", "   ", "ana", "ana@", "@rives.example", "a b@rives.example", "\x00", "ana@" + "x" * 300],
)
def test_what_is_no_address_is_told_at_the_field(visitor: FreshClient, cast: SimpleNamespace, email: str) -> None:
    answer = visitor.post("/mot-de-passe-oublie", data={"email": email})
    assert (answer.status_code, 'id="email-error"' in answer.text) == (422, True)
    assert rows(select(SingleUseLink.id)) == []

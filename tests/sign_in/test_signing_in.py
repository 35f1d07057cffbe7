"""Signing in: whoever has the password gets a fresh session; whoever has not learns nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import argon2
import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from supervision.db import db
from supervision.demo.association import PASSWORD
from supervision.people.models import Person
from supervision.sign_in import passwords
from supervision.sign_in.models import UserSession
from supervision.sign_in.rules import token_hash
from tests.client import FreshClient
from tests.facts import acts, again, one, rows

As = Callable[[Person], FreshClient]


def sign_in(client: FreshClient, email: str, password: str = PASSWORD, to: str = "/connexion") -> TestResponse:
    return client.post(to, data={"email": email, "password": password})


def without_the_address(response: TestResponse, email: str) -> str:
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", response.text)
    return page.replace(email, "")


# --- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("real_passwords")
def test_passwords_are_kept_as_argon2id_with_the_owasp_profile() -> None:
    kept = argon2.extract_parameters(passwords.hash_password("une phrase assez longue"))
    chosen = (kept.type, kept.version, kept.memory_cost, kept.time_cost, kept.parallelism, kept.salt_len, kept.hash_len)
    assert chosen == (argon2.Type.ID, 19, 19 * 1024, 2, 1, 16, 32)


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert passwords.hash_password("une phrase assez longue") != passwords.hash_password("une phrase assez longue")


@pytest.mark.parametrize("kept", [None, "", "not a hash", "another"])
def test_only_the_right_password_is_right(kept: str | None) -> None:
    kept = passwords.hash_password("une autre phrase") if kept == "another" else kept
    assert not passwords.is_right(kept, "une phrase assez longue")


# --- getting in -------------------------------------------------------------------------------------------------------


def test_whoever_signs_in_arrives_at_home_with_a_session_recorded(visitor: FreshClient, cast: SimpleNamespace) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    response = visitor.post(
        "/connexion", data={"email": "ana@rives.example", "password": PASSWORD}, headers={"User-Agent": agent}
    )
    assert (response.status_code, response.location) == (302, "/")
    session = one(select(UserSession).where(UserSession.person_id == cast.ana.id))
    assert (session.device, session.ended_at) == ("Firefox, Linux", None)
    assert acts("signed-in") == [("signed-in", cast.ana.id, f"person/{cast.ana.id}")]
    assert "Ana Ferreira" in visitor.get("/").text


@pytest.mark.parametrize("typed", ["ANA@Rives.Example", "  ana@rives.example ", "ａna@rives.example"])
def test_an_address_is_known_however_it_is_written(visitor: FreshClient, cast: SimpleNamespace, typed: str) -> None:
    assert sign_in(visitor, typed).status_code == 302


def test_the_database_keeps_the_hash_of_a_token_only(visitor: FreshClient, cast: SimpleNamespace) -> None:
    sign_in(visitor, "ana@rives.example")
    with visitor.session_transaction() as session:
        token = session["_user_id"]
    assert one(select(UserSession.token_hash)) == token_hash(token)
    assert token not in token_hash(token)


def test_nothing_of_the_cookie_before_signing_in_is_kept(visitor: FreshClient, cast: SimpleNamespace) -> None:
    """Whoever planted a session in this browser, or read its form token, holds nothing afterwards."""
    visitor.get("/connexion")
    with visitor.session_transaction() as session:
        session["_user_id"] = "planted"
        session["planted"] = "yes"
        before = dict(session)
    sign_in(visitor, "ana@rives.example")
    with visitor.session_transaction() as session:
        after = dict(session)
    assert before["csrf_token"]
    assert sorted(after) == ["_fresh", "_user_id"]
    assert after["_user_id"] != "planted"


def test_each_page_after_signing_in_carries_a_new_form_token(visitor: FreshClient, cast: SimpleNamespace) -> None:
    before = visitor.get("/connexion").text
    old = re.search(r'name="csrf_token" value="([^"]+)"', before)
    assert old
    visitor.post(
        "/connexion", data={"csrf_token": old[1], "email": "ana@rives.example", "password": PASSWORD}, token=False
    )
    refused = visitor.post("/langue", data={"csrf_token": old[1], "language": "en"}, token=False)
    assert (refused.status_code, again(cast.ana).language) == (400, "fr")


def test_signing_in_as_someone_else_ends_the_session_before(as_: As, cast: SimpleNamespace) -> None:
    client = as_(cast.ana)
    sign_in(client, "lee@rives.example")
    open_sessions = rows(select(UserSession.person_id).where(UserSession.ended_at.is_(None)))
    assert open_sessions == [cast.lee.id]


def test_whoever_is_signed_in_already_is_sent_on(as_: As, cast: SimpleNamespace) -> None:
    assert as_(cast.ana).get("/connexion?next=/situations").location == "/situations"


# --- staying out ------------------------------------------------------------------------------------------------------


def close(person: Person, now: Any) -> None:
    db.session.execute(update(Person).where(Person.id == person.id).values(deactivated_at=now))
    db.session.commit()


def unset(person: Person) -> None:
    db.session.execute(update(Person).where(Person.id == person.id).values(password_hash=None))
    db.session.commit()


def test_a_wrong_password_and_no_account_get_the_same_answer(
    app: Flask, visitor: FreshClient, cast: SimpleNamespace, now: Any
) -> None:
    close(cast.zoe, now)
    unset(cast.paul)
    emails = ("ana@rives.example", "nobody@rives.example", "zoe@rives.example", "paul@rives.example")
    answers = [sign_in(visitor, email, "un autre prisme opaque") for email in emails]
    assert [answer.status_code for answer in answers] == [422] * 4
    pages = {without_the_address(answer, email) for answer, email in zip(answers, emails, strict=True)}
    assert len(pages) == 1
    assert "ne vont pas ensemble" in pages.pop()
    assert [sorted(answer.headers.keys()) for answer in answers] == [sorted(answers[0].headers.keys())] * 4


def test_a_closed_account_and_an_open_invitation_do_not_let_in(
    visitor: FreshClient, cast: SimpleNamespace, now: Any
) -> None:
    close(cast.zoe, now)
    unset(cast.paul)
    assert [sign_in(visitor, f"{key}@rives.example").status_code for key in ("zoe", "paul")] == [422, 422]
    assert one(select(func.count()).select_from(UserSession)) == 0


@pytest.mark.parametrize("email", ["ana@rives.example", "nobody@rives.example", "zoe@rives.example"])
def test_each_attempt_computes_exactly_one_hash(
    visitor: FreshClient, cast: SimpleNamespace, now: Any, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    """An answer that comes sooner would say that there is no account."""
    close(cast.zoe, now)
    real, checked = passwords._hasher, []

    def verify(kept: str, password: str) -> bool:
        checked.append(argon2.extract_parameters(kept))
        return bool(real.verify(kept, password))

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(verify=verify))
    sign_in(visitor, email, "un autre prisme opaque")
    assert checked == [argon2.extract_parameters(cast.ana.password_hash)]


def test_a_session_does_not_begin_with_a_password_that_was_changed_meanwhile(
    visitor: FreshClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    """The password is right when it is read; while the hash is computed, its owner changes it."""
    real = passwords.is_right

    def slowly(kept: str | None, password: str) -> bool:
        right = real(kept, password)
        with app.app_context():
            db.session.execute(update(Person).values(password_hash="changed"))
            db.session.commit()
        return right

    monkeypatch.setattr(passwords, "is_right", slowly)
    assert sign_in(visitor, "ana@rives.example").status_code == 422
    assert one(select(func.count()).select_from(UserSession)) == 0


def test_a_failed_attempt_leaves_the_password_out_of_the_page(visitor: FreshClient, cast: SimpleNamespace) -> None:
    page = sign_in(visitor, "ana@rives.example", "marque-7f3a").text
    assert "marque-7f3a" not in page
    assert "ana@rives.example" in page


@pytest.mark.parametrize(
    ("form", "marked"),
    [
        ({}, {"email", "password"}),
        ({"email": "", "password": ""}, {"email", "password"}),
        ({"email": " \u200b ", "password": "x"}, {"email"}),
        ({"email": "a" * 300, "password": "x"}, {"email"}),
        ({"email": "ana@rives.example", "password": "x" * 257}, {"password"}),
        ({"email": "\x00", "password": "\x00"}, {"email"}),
    ],
)
def test_a_malformed_attempt_is_told_at_its_fields(
    visitor: FreshClient, cast: SimpleNamespace, form: dict[str, str], marked: set[str]
) -> None:
    response = visitor.post("/connexion", data=form)
    assert response.status_code == 422
    assert set(re.findall(r'id="(\w+)-error"', response.text)) == marked


# --- coming back where one wanted to go -------------------------------------------------------------------------------


def test_a_closed_page_leads_to_signing_in_and_back(visitor: FreshClient, cast: SimpleNamespace) -> None:
    asked = visitor.get("/situations?avant=1&x=é")
    assert asked.status_code == 302
    assert asked.location == "/connexion?next=/situations?avant%3D1%26x%3D%C3%A9"
    assert sign_in(visitor, "ana@rives.example", to=asked.location).location == "/situations?avant=1&x=%C3%A9"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(visitor: FreshClient, cast: SimpleNamespace, target: str) -> None:
    response = visitor.post(
        "/connexion", query_string={"next": target}, data={"email": "ana@rives.example", "password": PASSWORD}
    )
    assert response.location == "/"


def test_choosing_a_language_leads_nowhere_else(visitor: FreshClient, cast: SimpleNamespace) -> None:
    ours = visitor.post("/langue", data={"language": "en", "next": "/deontologie"})
    theirs = visitor.post("/langue", data={"language": "en", "next": "//evil.example"})
    assert (ours.location, theirs.location) == ("/deontologie", "/")


def test_the_account_counter_is_forgotten_only_for_whoever_signed_in(
    visitor: FreshClient, cast: SimpleNamespace
) -> None:
    for _ in range(9):
        sign_in(visitor, "ana@rives.example", "faux")
        sign_in(visitor, "sam@rives.example", "faux")
    assert sign_in(visitor, "ana@rives.example").status_code == 302
    assert [sign_in(visitor, "ana@rives.example", "faux").status_code for _ in range(2)] == [422, 422]
    assert [sign_in(visitor, "sam@rives.example", "faux").status_code for _ in range(2)] == [422, 429]


@pytest.mark.usefixtures("real_passwords")
def test_a_hash_of_an_older_profile_is_renewed_at_sign_in(visitor: FreshClient, cast: SimpleNamespace) -> None:
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    cast.ana.password_hash = weaker.hash(PASSWORD)
    db.session.commit()
    sign_in(visitor, cast.ana.email)
    db.session.refresh(cast.ana)
    assert argon2.extract_parameters(cast.ana.password_hash).memory_cost == 19 * 1024

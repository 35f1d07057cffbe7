"""Sessions: seen, closed one by one or all at once, over at once when they are over."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select, update

from supervision import clock
from supervision.db import db
from supervision.demo.association import PASSWORD
from supervision.people.models import Person
from supervision.sign_in.models import UserSession
from tests.client import FreshClient
from tests.facts import acts, again, mails, one, rows

As = Callable[[Person], FreshClient]
NEW = {"current_password": PASSWORD, "password": "une lanterne sous la pluie"}
NEW["password_again"] = NEW["password"]


def is_in(client: FreshClient) -> bool:
    return client.get("/mon-compte").status_code == 200


def token_of(client: FreshClient) -> str:
    with client.session_transaction() as session:
        return str(session.get("_user_id", ""))


def endings(person: Person) -> list[str | None]:
    of_person = select(UserSession.ended_because).where(UserSession.person_id == person.id)
    return rows(of_person.order_by(UserSession.id))


# --- ending -----------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_for_whoever_copied_the_cookie(app: Flask, as_: As, cast: SimpleNamespace) -> None:
    client, thief = as_(cast.ana), app.test_client()
    with thief.session_transaction() as session:
        session["_user_id"] = token_of(client)
    assert is_in(thief)
    answer = client.post("/deconnexion")
    assert (answer.status_code, answer.location) == (302, "/connexion")
    assert (is_in(client), is_in(thief), endings(cast.ana)) == (False, False, ["ended"])


def test_signing_out_everywhere_ends_all_of_mine_and_none_of_others(as_: As, cast: SimpleNamespace) -> None:
    here, there, other = as_(cast.ana), as_(cast.ana), as_(cast.lee)
    answer = here.post("/mes-sessions/tout-fermer")
    assert answer.location == "/connexion"
    assert [is_in(client) for client in (here, there, other)] == [False, False, True]
    assert endings(cast.ana) == ["ended-everywhere"] * 2


def test_closing_one_session_leaves_the_others(as_: As, cast: SimpleNamespace) -> None:
    here, there = as_(cast.ana), as_(cast.ana)
    its_id = rows(select(UserSession.id).order_by(UserSession.id))[1]
    assert here.post(f"/mes-sessions/{its_id}/fermer").location == "/mes-sessions"
    assert [is_in(here), is_in(there)] == [True, False]


def test_nobody_closes_the_session_of_another(as_: As, cast: SimpleNamespace) -> None:
    ana, lee = as_(cast.ana), as_(cast.lee)
    its_id = one(select(UserSession.id).where(UserSession.person_id == cast.ana.id))
    lee.post(f"/mes-sessions/{its_id}/fermer")
    assert is_in(ana)


def test_the_list_shows_my_open_sessions_and_marks_this_one(as_: As, cast: SimpleNamespace) -> None:
    here = as_(cast.ana)
    as_(cast.ana)
    as_(cast.ana).post("/deconnexion")
    as_(cast.lee)
    page = here.get("/mes-sessions").text
    assert (page.count("Firefox, Linux"), page.count("cet appareil"), page.count("/fermer")) == (2, 1, 1)


def test_a_closed_account_is_out_at_once_and_its_sessions_do_not_come_back(as_: As, cast: SimpleNamespace) -> None:
    ana, ada = as_(cast.ana), as_(cast.ada)
    ada.post(f"/personnes/{cast.ana.id}/fermer")
    assert not is_in(ana)
    ada.post(f"/personnes/{cast.ana.id}/rouvrir")
    assert (is_in(ana), endings(cast.ana)) == (False, ["account-closed"])
    assert acts("account-closed", "account-reopened") == [
        ("account-closed", cast.ada.id, f"person/{cast.ana.id}"),
        ("account-reopened", cast.ada.id, f"person/{cast.ana.id}"),
    ]


def test_an_ended_session_stops_on_the_very_next_request_in_another_process(
    fresh_stack: Callable[..., Flask],
) -> None:
    first, second = fresh_stack(), fresh_stack()
    here, there = first.test_client(), second.test_client()
    for client in (here, there):
        client.post("/connexion", data={"email": "ana@rives.example", "password": PASSWORD})
    assert [is_in(here), is_in(there)] == [True, True]
    here.post("/mes-sessions/tout-fermer")
    assert not is_in(there)


# --- how long ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("idle", "still"), [(timedelta(hours=12, seconds=-30), True), (timedelta(hours=12), False)])
def test_a_session_unused_for_twelve_hours_is_over(
    as_: As, cast: SimpleNamespace, idle: timedelta, still: bool
) -> None:
    client = as_(cast.ana)
    clock.shift_by(idle)
    assert is_in(client) is still


def test_a_session_in_use_stays_open_beyond_twelve_hours(as_: As, cast: SimpleNamespace) -> None:
    client = as_(cast.ana)
    visits = []
    for hours in (11, 22, 33):
        clock.shift_by(timedelta(hours=hours))
        visits.append(is_in(client))
    assert visits == [True, True, True]


@pytest.mark.parametrize(("age", "still"), [(timedelta(days=30, seconds=-30), True), (timedelta(days=30), False)])
def test_no_session_outlives_thirty_days(as_: As, cast: SimpleNamespace, age: timedelta, still: bool) -> None:
    client = as_(cast.ana)
    began = clock.now() - age
    db.session.execute(update(UserSession).values(began_at=began))
    db.session.commit()
    assert is_in(client) is still


def test_last_seen_is_written_every_ten_minutes_and_not_on_every_page(
    as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]]
) -> None:
    client = as_(cast.ana)
    statements()
    client.get("/mon-compte")
    soon = [line for line in statements() if line.startswith("UPDATE")]
    clock.shift_by(timedelta(minutes=11))
    client.get("/mon-compte")
    later = [line.split()[1] for line in statements() if line.startswith("UPDATE")]
    assert (soon, later) == ([], ["user_session"])


# --- a new password ---------------------------------------------------------------------------------------------------


def test_changing_my_password_ends_other_sessions_and_renews_mine(as_: As, cast: SimpleNamespace) -> None:
    here, there = as_(cast.ana), as_(cast.ana)
    before = token_of(here)
    answer = here.post("/mot-de-passe", data=NEW)
    assert (answer.status_code, answer.location) == (302, "/mon-compte")
    assert [is_in(here), is_in(there), token_of(here) == before] == [True, False, False]
    assert endings(cast.ana) == ["password-changed", "password-changed", None]
    assert [mail.person_id for mail in mails("password-changed")] == [cast.ana.id]


def test_the_token_of_before_a_change_of_password_is_worth_nothing(app: Flask, as_: As, cast: SimpleNamespace) -> None:
    here, thief = as_(cast.ana), app.test_client()
    with thief.session_transaction() as session:
        session["_user_id"] = token_of(here)
    here.post("/mot-de-passe", data=NEW)
    assert not is_in(thief)


@pytest.mark.parametrize(
    ("changes", "marked"),
    [
        ({"current_password": "ce n’est pas lui"}, {"current_password"}),
        ({"current_password": ""}, {"current_password"}),
        ({"password": "court", "password_again": "court"}, {"password"}),
        ({"password_again": "autre"}, {"password_again"}),
        ({"password": "Ana Ferreira", "password_again": "Ana Ferreira"}, {"password"}),
    ],
)
def test_a_password_is_not_changed_by_a_wrong_form(
    as_: As, cast: SimpleNamespace, changes: dict[str, str], marked: set[str]
) -> None:
    client = as_(cast.ana)
    answer = client.post("/mot-de-passe", data=NEW | changes)
    assert answer.status_code == 422
    assert set(re.findall(r'id="(\w+)-error"', answer.text)) == marked
    assert again(cast.ana).password_hash == cast.ana.password_hash
    assert is_in(client)


def test_guessing_the_current_password_of_an_open_session_is_limited(as_: As, cast: SimpleNamespace) -> None:
    client = as_(cast.ana)
    tries = [client.post("/mot-de-passe", data=NEW | {"current_password": "faux"}).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]

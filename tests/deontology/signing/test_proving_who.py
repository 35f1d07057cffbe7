"""A signature is one's own: the password is asked for again, unless it was just given, and cannot be guessed here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from supervision import clock
from supervision.demo.association import PASSWORD
from supervision.deontology.models import Acknowledgement
from supervision.people.models import Person
from supervision.sign_in.rules import FRESH, SIGN_IN_ACCOUNT, fresh_at
from tests.client import FreshClient
from tests.deontology.readers import read_everything
from tests.deontology.test_answers import DOOR, answers_of, signature
from tests.facts import one

As = Callable[[Person], FreshClient]
ANSWER = "/deontologie/signer"


@pytest.fixture
def lee(as_: As, cast: SimpleNamespace) -> FreshClient:
    """Signed in six minutes ago, and has read to the end since."""
    client = as_(cast.lee)
    clock.shift_by(FRESH + timedelta(minutes=1))
    read_everything(cast.lee)
    return client


def row_of(person: Person) -> Any:
    return one(select(Acknowledgement).where(Acknowledgement.person_id == person.id))


def test_whoever_has_just_signed_in_is_not_asked_again(as_: As, cast: SimpleNamespace) -> None:
    client = as_(cast.lee)
    read_everything(cast.lee)
    asked = "password" in client.get(ANSWER).text
    client.post(DOOR, data=signature())
    kept = row_of(cast.lee)
    assert (asked, kept.authenticated_how) == (False, "password")
    assert timedelta() <= kept.answered_at - kept.authenticated_at < FRESH


def test_later_the_password_is_asked_for(lee: FreshClient, cast: SimpleNamespace) -> None:
    assert 'name="password"' in lee.get(ANSWER).text
    without = lee.post(DOOR, data=signature())
    wrong = lee.post(DOOR, data=signature(password="not this one"))
    assert [(each.status_code, 'id="password-error"' in each.text) for each in (without, wrong)] == [(422, True)] * 2
    assert answers_of(cast.lee) == []
    right = lee.post(DOOR, data=signature(password=PASSWORD))
    kept = row_of(cast.lee)
    assert (right.status_code, kept.authenticated_how) == (302, "password")
    assert abs(kept.authenticated_at - kept.answered_at) < timedelta(seconds=30)


def test_a_password_is_never_sent_back(lee: FreshClient) -> None:
    assert PASSWORD not in lee.post(DOOR, data=signature("Lee", password=PASSWORD)).text


def test_a_wrong_name_is_told_before_the_password_is_looked_at(lee: FreshClient) -> None:
    page = lee.post(DOOR, data=signature("Ana Ferreira", password="not this one")).text
    assert ('id="typed_name-error"' in page, 'id="password-error"' in page) == (True, False)


def test_a_password_given_for_one_act_serves_for_five_minutes(lee: FreshClient, cast: SimpleNamespace) -> None:
    lee.post(DOOR, data=signature(password=PASSWORD))
    taken_back = lee.post("/deontologie/retirer", data={"typed_name": "Lee Marchand"})
    clock.shift_by(2 * FRESH + timedelta(minutes=2))
    again = lee.post(DOOR, data=signature())
    assert (taken_back.status_code, again.status_code) == (302, 422)
    assert answers_of(cast.lee) == ["signed", "withdrawn"]


def test_passwords_are_not_guessed_at_a_signature(lee: FreshClient, cast: SimpleNamespace) -> None:
    attempts = [lee.post(DOOR, data=signature(password="no")).status_code for _ in range(SIGN_IN_ACCOUNT.attempts + 1)]
    assert attempts == [422] * SIGN_IN_ACCOUNT.attempts + [429]
    assert lee.post(DOOR, data=signature(password=PASSWORD)).status_code == 429
    assert answers_of(cast.lee) == []


def test_a_clock_set_back_makes_no_password_fresh() -> None:
    now = clock.now()
    assert fresh_at(now, None, now) == now
    assert fresh_at(now - FRESH, None, now) is None
    assert fresh_at(now - FRESH, now - timedelta(minutes=1), now) == now - timedelta(minutes=1)
    assert fresh_at(now + timedelta(hours=1), None, now) is None


def test_with_the_clock_set_back_nothing_is_signed(as_: As, cast: SimpleNamespace) -> None:
    """A date that lies before that of the last answer would be false."""
    ana = as_(cast.ana)
    ana.post("/deontologie/retirer", data={"typed_name": "Ana Ferreira"})
    clock.shift_by(-timedelta(hours=1))
    client = as_(cast.lee)
    read_everything(cast.lee)
    answer = client.post(DOOR, data=signature())
    assert (answer.location, answers_of(cast.lee)) == ("/deontologie/signer", [])

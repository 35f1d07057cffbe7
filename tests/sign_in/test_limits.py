"""Guessing is slowed down: by account, by address, across processes, and for unknown accounts alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from supervision import clock
from supervision.demo.association import PASSWORD
from supervision.sign_in import actions
from supervision.sign_in.models import RateCounter
from supervision.sign_in.rules import SIGN_IN_ACCOUNT, window_start
from tests.client import FreshClient
from tests.facts import mails, rows, together

KNOWN, UNKNOWN = "ana@rives.example", "nobody@rives.example"


@pytest.fixture(autouse=True)
def _early_in_a_window(request: pytest.FixtureRequest) -> None:
    """Every window begins on a whole hour here: a test that straddled two would count twice."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
    clock.shift_by(timedelta())
    start = window_start(SIGN_IN_ACCOUNT, clock.now()).replace(minute=0) + timedelta(days=1, minutes=1)
    clock.shift_by(start - clock.now())


@pytest.fixture(autouse=True)
def _back_to_the_present() -> object:
    yield
    clock.shift_by(timedelta())


def attempt(client: FreshClient, email: str, password: str = "faux", address: str = "192.0.2.1") -> int:
    form = {"email": email, "password": password}
    return client.post("/connexion", data=form, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_the_eleventh_guess_at_an_account_is_refused_known_or_not(
    visitor: FreshClient, cast: SimpleNamespace, email: str
) -> None:
    assert [attempt(visitor, email) for _ in range(12)] == [422] * 10 + [429] * 2


def test_a_limited_account_is_closed_to_the_right_password_too(visitor: FreshClient, cast: SimpleNamespace) -> None:
    for _ in range(10):
        attempt(visitor, KNOWN)
    assert attempt(visitor, KNOWN, PASSWORD) == 429
    assert attempt(visitor, "sam@rives.example", PASSWORD) == 302


def test_changing_the_writing_or_the_machine_does_not_help(visitor: FreshClient, cast: SimpleNamespace) -> None:
    for number in range(10):
        attempt(visitor, KNOWN.upper() if number % 2 else f" {KNOWN}", address=f"192.0.2.{number}")
    assert attempt(visitor, KNOWN, address="198.51.100.7") == 429


def test_the_refusal_says_when_to_come_back_and_it_is_true(visitor: FreshClient, cast: SimpleNamespace) -> None:
    for _ in range(10):
        attempt(visitor, KNOWN)
    refused = visitor.post("/connexion", data={"email": KNOWN, "password": "faux"})
    wait = int(refused.headers["Retry-After"])
    assert (refused.status_code, 13 * 60 < wait <= 14 * 60) == (429, True)
    assert "Un moment, s’il vous plaît" in refused.text.replace("\N{NO-BREAK SPACE}", " ")
    began = clock.now()
    clock.shift_by(began - datetime.now(UTC) + timedelta(seconds=wait - 5))
    before = attempt(visitor, KNOWN, PASSWORD)
    clock.shift_by(began - datetime.now(UTC) + timedelta(seconds=wait + 1))
    assert (before, attempt(visitor, KNOWN, PASSWORD)) == (429, 302)


def test_one_address_may_not_try_account_after_account(visitor: FreshClient, cast: SimpleNamespace) -> None:
    tries = [attempt(visitor, f"p{number}@rives.example") for number in range(61)]
    assert tries == [422] * 60 + [429]
    assert attempt(visitor, KNOWN, PASSWORD) == 429
    assert attempt(visitor, KNOWN, PASSWORD, address="198.51.100.7") == 302


def test_neighbours_of_one_ipv6_network_share_a_counter_and_all_of_ipv4_does_not(
    visitor: FreshClient, cast: SimpleNamespace
) -> None:
    for number in range(60):
        attempt(visitor, f"p{number}@rives.example", address=f"2001:db8::{number:x}")
    assert attempt(visitor, UNKNOWN, address="2001:db8::ffff") == 429
    assert attempt(visitor, UNKNOWN, address="2001:db8:0:1::1") == 422
    for number in range(60):
        attempt(visitor, f"q{number}@rives.example", address="::ffff:192.0.2.1")
    assert attempt(visitor, UNKNOWN, address="192.0.2.1") == 429
    assert attempt(visitor, UNKNOWN, address="::ffff:192.0.2.2") == 422


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_the_fourth_link_in_an_hour_is_refused_known_or_not(
    visitor: FreshClient, cast: SimpleNamespace, email: str
) -> None:
    tries = [visitor.post("/mot-de-passe-oublie", data={"email": email}).status_code for _ in range(4)]
    assert tries == [200, 200, 200, 429]
    assert len(mails("reset")) == (3 if email == KNOWN else 0)


def test_no_counter_keeps_an_address_or_an_account(visitor: FreshClient, cast: SimpleNamespace) -> None:
    attempt(visitor, KNOWN)
    buckets = rows(select(RateCounter.bucket).order_by(RateCounter.bucket))
    assert [bucket.partition(":")[0] for bucket in buckets] == ["sign-in-account", "sign-in-address"]
    assert not any("ana" in bucket or "192.0.2.1" in bucket for bucket in buckets)


def test_an_invalid_form_counts_for_nothing(visitor: FreshClient, cast: SimpleNamespace) -> None:
    attempt(visitor, KNOWN, password="")
    assert rows(select(RateCounter.bucket)) == []


def test_old_counters_are_forgotten(app: Flask, visitor: FreshClient, cast: SimpleNamespace) -> None:
    attempt(visitor, KNOWN)
    actions.tidy(now=clock.now() + timedelta(hours=1))
    kept = len(rows(select(RateCounter.bucket)))
    actions.tidy(now=clock.now() + timedelta(days=2))
    assert (kept, rows(select(RateCounter.bucket))) == (2, [])


def test_a_limit_holds_across_processes(fresh_stack: Callable[..., Flask]) -> None:
    """Two applications on one database, as two workers are."""
    clients = [fresh_stack().test_client(), fresh_stack().test_client()]
    assert [attempt(clients[number % 2], UNKNOWN) for number in range(12)] == [422] * 10 + [429] * 2


def test_no_guess_is_lost_when_many_come_at_once(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    tries = together(14, lambda: attempt(app.test_client(), UNKNOWN))
    assert sorted(tries) == [422] * 10 + [429] * 4

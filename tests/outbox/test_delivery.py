"""Delivery against real servers: what each answer, silence and hang-up does to each row."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision import clock, mailer
from supervision.db import db
from supervision.outbox.delivery import NoLongerTrue, Post, deliver
from supervision.outbox.rules import LEASE, MAX_ATTEMPTS, NOT_COMPOSED, PAUSES
from supervision.outbox.rules import UNREACHED as UNREACHED_PAUSE
from tests.outbox.conftest import Put, outcome, row
from tests.outbox.servers import DROP, HANG, scripted

NO_REPLY = mailer.NO_CONVERSATION


def at(post: Post, url: str) -> Post:
    return replace(post, smtp_url=url)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "TIMEOUT", 0.2)


def test_a_mail_is_sent_once(post: Post, put: Put) -> None:
    key = put()
    with scripted({}) as server:
        assert [deliver(at(post, server.url)), deliver(at(post, server.url))] == [1, 0]
    assert len(server.bodies) == 1
    assert outcome(key) == ("sent", 1, None)


def test_a_batch_goes_over_one_connection(post: Post, put: Put) -> None:
    for _ in range(7):
        put()
    with scripted({}) as server:
        assert [deliver(at(post, server.url), limit=5), deliver(at(post, server.url), limit=5)] == [5, 2]
    assert (len(server.bodies), server.connections) == (7, 2)


def test_nothing_to_send_opens_no_connection(post: Post) -> None:
    with scripted({}) as server:
        assert deliver(at(post, server.url)) == 0
    assert server.connections == 0


def test_what_is_not_due_yet_waits(post: Post, put: Put, now: datetime) -> None:
    key = put(now=now + timedelta(minutes=1))
    with scripted({}) as server:
        assert deliver(at(post, server.url)) == 0
        clock.shift_by(timedelta(minutes=2))
        assert deliver(at(post, server.url)) == 1
    assert outcome(key)[0] == "sent"


# --- what a server says -----------------------------------------------------------------------------------------------

UNREACHED = [
    ({"connect": "421 full"}, 421),
    ({"connect": "554 no service"}, 554),
    ({"connect": DROP}, NO_REPLY),
    ({"connect": HANG}, NO_REPLY),
    ({"EHLO": DROP}, NO_REPLY),
    ({"EHLO": "502 what?", "HELO": "421 full"}, 421),
]
LATER = [
    ({"MAIL": "451 later"}, 451),
    ({"MAIL": "421 too many"}, 421),
    ({"MAIL": "550 sender unknown"}, 550),  # our setting, not the mail
    ({"MAIL": "530 sign in first"}, 530),
    ({"MAIL": DROP}, NO_REPLY),
    ({"MAIL": HANG}, NO_REPLY),
    ({"RCPT": "450 mailbox busy"}, 450),
    ({"RCPT": "421 too many"}, 421),
    ({"RCPT": DROP}, NO_REPLY),
    ({"DATA": "451 later"}, 451),
    ({"DATA": DROP}, NO_REPLY),
    ({"body": "452 disk full"}, 452),
    ({"body": "421 closing"}, 421),
    ({"body": DROP}, NO_REPLY),
    ({"body": HANG}, NO_REPLY),
    ({"RCPT": "450 busy", "RSET": DROP}, 450),
]
NEVER = [
    ({"RCPT": "550 unknown"}, 550),
    ({"RCPT": "551 moved"}, 551),
    ({"DATA": "554 no"}, 554),
    ({"body": "554 spam"}, 554),
    ({"RCPT": "550 unknown", "RSET": DROP}, 550),
]


def name(case: Any) -> str:
    return "-".join(f"{phase} {reply}" for phase, reply in case.items()) if isinstance(case, dict) else ""


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("script", "code"), LATER, ids=name)
def test_an_answer_that_may_pass_costs_an_attempt_and_a_pause(post: Post, put: Put, script: Any, code: int) -> None:
    key, before = put(), clock.now()
    with scripted(script) as server:
        deliver(at(post, server.url))
    assert outcome(key) == ("waiting", 1, code)
    assert PAUSES[0] <= row(key).due_at - before < PAUSES[0] + timedelta(seconds=30)
    clock.shift_by(PAUSES[0] + timedelta(seconds=30))
    with scripted({}) as server:
        deliver(at(post, server.url))
    assert outcome(key)[:2] == ("sent", 2)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("script", "code"), NEVER, ids=name)
def test_an_answer_that_stays_fails_at_once(post: Post, put: Put, script: Any, code: int) -> None:
    key = put()
    with scripted(script) as server:
        deliver(at(post, server.url))
    assert outcome(key) == ("failed", 1, code)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("script", "code"), UNREACHED, ids=name)
def test_a_server_that_is_not_reached_costs_a_pause_and_no_attempt(
    post: Post, put: Put, script: Any, code: int
) -> None:
    keys, before = [put() for _ in range(3)], clock.now()
    with scripted(script) as server:
        assert deliver(at(post, server.url)) == 3
    assert [outcome(key) for key in keys] == [("waiting", 0, code)] * 3
    pauses = [row(key).due_at - before for key in keys]
    assert [UNREACHED_PAUSE[0] <= pause < UNREACHED_PAUSE[0] + timedelta(seconds=30) for pause in pauses] == [True] * 3


def test_an_outage_of_two_days_gives_no_mail_up(post: Post, put: Put) -> None:
    key, shift, pauses = put(), timedelta(), []
    while shift < timedelta(days=2):
        clock.shift_by(shift)
        assert deliver(at(post, "smtp://127.0.0.1:1")) == 1
        assert outcome(key) == ("waiting", 0, NO_REPLY)
        pause = row(key).due_at - clock.now()
        pauses.append(round(pause / timedelta(minutes=1)))
        shift += pause + timedelta(seconds=1)
    assert (pauses[:5], set(pauses[6:])) == ([1, 1, 2, 4, 8], {30})
    clock.shift_by(shift)
    with scripted({}) as server:
        deliver(at(post, server.url))
    assert outcome(key)[:2] == ("sent", 1)


def test_a_wrong_password_is_no_fault_of_the_mail(post: Post, put: Put) -> None:
    key = put()
    with scripted({"AUTH": "535 wrong"}) as server:
        deliver(at(post, server.url.replace("//", "//user:wrong@")))
    assert outcome(key) == ("waiting", 0, 535)


def test_a_right_password_is_used(post: Post, put: Put) -> None:
    key = put()
    with scripted({}) as server:
        deliver(at(post, server.url.replace("//", "//us%40er:p%3Aw@")))
    assert outcome(key)[0] == "sent"


def test_a_server_without_the_encryption_that_is_asked_for_gets_nothing(post: Post, put: Put) -> None:
    key = put()
    with scripted({}) as server:
        deliver(at(post, server.url.replace("smtp:", "smtp+starttls:")))
    assert (outcome(key), server.bodies) == (("waiting", 0, NO_REPLY), [])


def test_after_five_attempts_it_is_given_up(post: Post, put: Put) -> None:
    key, seen, shift = put(), [], timedelta()
    with scripted({"RCPT": "450 busy"}) as server:
        for pause in (timedelta(), *PAUSES, timedelta(days=1)):
            shift += pause + timedelta(seconds=30)
            clock.shift_by(shift)
            deliver(at(post, server.url))
            seen.append(outcome(key)[:2])
    assert seen == [("waiting", n) for n in range(1, MAX_ATTEMPTS)] + [("failed", MAX_ATTEMPTS)] * 2


# --- one mail among others --------------------------------------------------------------------------------------------


def test_one_refusal_does_not_touch_the_others(post: Post, put: Put) -> None:
    keys = [put() for _ in range(4)]
    with scripted({"RCPT": lambda n: "550 unknown" if n == 1 else "250 ok"}) as server:
        deliver(at(post, server.url))
    assert sorted(outcome(key) for key in keys) == [("failed", 1, 550)] + [("sent", 1, None)] * 3
    assert server.connections == 1


@pytest.mark.parametrize("hang_up", [DROP, "421 too many on one connection"])
def test_a_connection_that_breaks_gives_the_rest_back_without_burning_attempts(
    post: Post, put: Put, hang_up: str
) -> None:
    keys = [put() for _ in range(5)]
    with scripted({"MAIL": lambda n: hang_up if n == 2 else "250 ok"}) as server:
        assert deliver(at(post, server.url)) == 5
        code = NO_REPLY if hang_up == DROP else 421
        assert sorted(outcome(key) for key in keys) == sorted(
            [("sent", 1, None)] * 2 + [("waiting", 1, code)] + [("waiting", 0, None)] * 2, key=str
        )
        assert deliver(at(post, server.url)) == 2  # at once, on a new connection
    assert len(server.bodies) == 4


def test_a_mail_that_cannot_be_composed_does_not_hold_up_the_others(post: Post, put: Put) -> None:
    poison, sound = put(kind="password-changed"), put(kind="reset")

    def burst(_mail: Any, _now: Any) -> Any:
        raise RuntimeError("in the composer")

    composers = {**post.composers, "password-changed": burst, "reset": post.composers["password-changed"]}
    with scripted({}) as server:
        deliver(replace(at(post, server.url), composers=composers))
    assert outcome(poison) == ("waiting", 1, NOT_COMPOSED)
    assert outcome(sound)[0] == "sent"


def test_an_unknown_kind_does_not_hold_up_the_others(post: Post, put: Put) -> None:
    unknown, sound = put(kind="from-a-newer-release"), put()
    with scripted({}) as server:
        deliver(at(post, server.url))
    assert (outcome(unknown), outcome(sound)[0]) == (("waiting", 1, NOT_COMPOSED), "sent")


@pytest.mark.parametrize("address", ["no address", "", "a@b@c", "Ana <ana@x.example>", "é@x.example", "a@\nx.example"])
def test_an_address_that_is_none_does_not_hold_up_the_others(
    post: Post, put: Put, cast: SimpleNamespace, address: str
) -> None:
    cast.lee.email = address
    poison, sound = put(cast.lee), put(cast.ana)
    with scripted({}) as server:
        assert deliver(at(post, server.url)) == 2
    assert outcome(sound)[0] == "sent"
    assert outcome(poison)[0] in {"waiting", "failed"}
    assert len(server.bodies) == 1


def test_a_name_with_line_breaks_injects_no_header(post: Post, put: Put, cast: SimpleNamespace) -> None:
    cast.lee.display_name = "Lee\r\nBcc: everyone@x.example"
    put(cast.lee)
    with scripted({}) as server:
        deliver(at(post, server.url))
    assert [body for body in server.bodies if "\nBcc:" in body] == []


# --- claims -----------------------------------------------------------------------------------------------------------


def claimed(key: str, until: datetime) -> UUID:
    mail = row(key)
    mail.claim, mail.claimed_until = mail.id, until
    db.session.commit()
    return mail.id


def test_a_row_somebody_works_on_is_left_alone_until_the_claim_is_stale(post: Post, put: Put, now: datetime) -> None:
    key = put()
    claimed(key, now + LEASE)
    with scripted({}) as server:
        assert deliver(at(post, server.url)) == 0
        clock.shift_by(LEASE + timedelta(seconds=1))
        assert deliver(at(post, server.url)) == 1
    assert outcome(key)[0] == "sent"


def test_a_deliverer_that_overslept_its_claim_marks_nothing(post: Post, put: Put) -> None:
    """Whoever has the row now decides what became of it."""
    key = put()

    def slow(mail: Any, _now: datetime) -> NoLongerTrue:
        claimed(key, clock.now() + LEASE)  # meanwhile another one took it
        return NoLongerTrue("link-not-usable")

    with scripted({}) as server:
        deliver(replace(at(post, server.url), composers={"password-changed": slow}))
    assert outcome(key) == ("waiting, claimed", 0, None)


def test_a_batch_stops_before_its_claim_runs_out_and_gives_the_rest_back(post: Post, put: Put) -> None:
    keys = [put() for _ in range(3)]
    compose = post.composers["password-changed"]

    def slow(mail: Any, now: datetime) -> Any:
        clock.shift_by(LEASE * 0.7)
        return compose(mail, now)

    with scripted({}) as server:
        deliver(replace(at(post, server.url), composers={"password-changed": slow}))
    assert sorted(outcome(key) for key in keys) == sorted([("sent", 1, None)] + [("waiting", 0, None)] * 2, key=str)


def test_a_batch_takes_no_more_than_its_limit(post: Post, put: Put) -> None:
    for _ in range(5):
        put()
    with scripted({}) as server:
        assert [deliver(at(post, server.url), limit=3) for _ in range(3)] == [3, 2, 0]


def test_the_oldest_goes_first(post: Post, put: Put, now: datetime, cast: SimpleNamespace) -> None:
    put(cast.lee, now=now - timedelta(minutes=1))
    put(cast.sam, now=now - timedelta(minutes=3))
    put(cast.ana, now=now - timedelta(minutes=2))
    with scripted({}) as server:
        deliver(at(post, server.url))
    names = ("Sam Delcourt", "Ana Ferreira", "Lee Marchand")
    assert [next(n for n in names if f"To: {n}" in body) for body in server.bodies] == list(names)

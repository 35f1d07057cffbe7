"""Rows of mail: one for each fact, five attempts, shown when they fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from supervision.db import db
from supervision.outbox import actions, queries
from supervision.outbox.models import OutboxMail
from supervision.outbox.rules import MAX_ATTEMPTS, message_id, next_attempt
from supervision.people import actions as people
from tests.outbox.conftest import Put, outcome, row

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEY = UUID("00000000-0000-7000-8000-000000000001")


def test_the_same_fact_puts_one_mail(cast: SimpleNamespace, now: datetime) -> None:
    mail: dict[str, Any] = {"kind": "reset", "person_id": cast.ana.id, "subject_id": KEY, "now": now}
    answers = [
        actions.put(key="reset/1", **mail),
        actions.put(key="reset/1", **mail),
        actions.put(key="reset/2", **mail),
    ]
    assert answers == [True, False, True]
    assert db.session.scalar(select(func.count(OutboxMail.id))) == 2


def test_a_mail_goes_with_the_fact_it_follows_from(put: Put, cast: SimpleNamespace, now: datetime) -> None:
    actions.put(key="reset/undone", kind="reset", person_id=cast.ana.id, subject_id=KEY, now=now)
    db.session.rollback()
    assert db.session.scalars(select(OutboxMail)).all() == []


def test_five_attempts_with_growing_pauses() -> None:
    pauses = [next_attempt(attempts=n, now=NOW) for n in range(1, MAX_ATTEMPTS + 1)]
    assert [at and at - NOW for at in pauses] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=3),
        None,
    ]


@given(st.text(min_size=1), st.text(min_size=1))
def test_the_message_id_is_one_for_each_key_for_ever(first: str, second: str) -> None:
    ids = [message_id(key, "x.example") for key in (first, first, second)]
    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, first == second)


def test_the_message_id_of_a_key_never_changes() -> None:
    """A mail that is under way when a new release is installed keeps its name."""
    assert message_id("reset/1", "x.example") == "<1b0103df-631d-5fe9-80c9-72ba9f18508e@x.example>"


def failed(put: Put, now: datetime) -> str:
    key = put()
    mail = row(key)
    mail.failed_at, mail.attempts, mail.last_code = now, MAX_ATTEMPTS, 550
    db.session.commit()
    return key


def test_what_failed_for_good_waits_on_the_administrators_home(
    as_: Any, cast: SimpleNamespace, put: Put, now: datetime
) -> None:
    shown = []
    for more in (0, 1, 60):
        for _ in range(more):
            failed(put, now)
        shown.append(as_(cast.ada).get("/").text.count("/courriels?etat=echec"))
    assert shown[0] == 0 < shown[1] == shown[2]  # an outage is one line and hides nothing else
    assert "/courriels?etat=echec" not in as_(cast.ana).get("/").text


def test_the_list_of_failures_shows_who_and_the_reply_and_no_body(
    as_: Any, cast: SimpleNamespace, put: Put, now: datetime
) -> None:
    failed(put, now)
    page = as_(cast.ada).get("/courriels?etat=echec").text
    assert [
        word for word in ("Ana Ferreira", "Mot de passe changé", "550", "Essayer de nouveau") if word not in page
    ] == []


def test_a_failed_mail_is_tried_again_on_request(as_: Any, cast: SimpleNamespace, put: Put, now: datetime) -> None:
    key = failed(put, now)
    response = as_(cast.ada).post(f"/courriels/{row(key).id}/essayer-de-nouveau")
    assert response.status_code == 302
    assert outcome(key) == ("waiting", 0, 550)
    assert "/courriels?etat=echec" not in as_(cast.ada).get("/").text


def test_only_an_administrator_tries_again(as_: Any, cast: SimpleNamespace, put: Put, now: datetime) -> None:
    key = failed(put, now)
    for person in (cast.ana, cast.sam, cast.paul):
        assert as_(person).post(f"/courriels/{row(key).id}/essayer-de-nouveau").status_code in {403, 404}
    assert outcome(key)[0] == "failed"


def test_all_that_failed_is_tried_again_with_one_press(
    as_: Any, cast: SimpleNamespace, put: Put, now: datetime
) -> None:
    keys, sent = [failed(put, now) for _ in range(3)], put()
    row(sent).sent_at = now
    db.session.commit()
    ada = as_(cast.ada)
    shown = ["Tout remettre en route" in ada.get(path).text for path in ("/courriels?etat=echec", "/courriels")]
    page = ada.get(ada.post("/courriels/tout-essayer-de-nouveau").location).text
    assert (shown, "3 courriels sont remis en route" in page) == ([True, False], True)
    assert [outcome(key) for key in (*keys, sent)] == [("waiting", 0, 550)] * 3 + [("sent", 0, None)]
    assert "Tout remettre en route" not in ada.get("/courriels?etat=echec").text


def test_whoever_sees_the_failures_and_may_not_retry_is_shown_no_button(
    as_: Any, cast: SimpleNamespace, put: Put, now: datetime
) -> None:
    key = failed(put, now)
    people.grant_role(actor=None, person=cast.zoe, role="secretary", now=now)
    db.session.commit()
    zoe = as_(cast.zoe)
    page, answer = zoe.get("/courriels?etat=echec").text, zoe.post("/courriels/tout-essayer-de-nouveau")
    assert ("550" in page, "remettre en route" in page) == (True, False)
    assert (answer.status_code, outcome(key)[0]) == (403, "failed")


def test_what_has_not_failed_is_not_sent_again(put: Put, now: datetime) -> None:
    key = put()
    row(key).sent_at = now
    db.session.commit()
    assert actions.retry(mail_id=row(key).id, now=now) is False
    assert outcome(key)[0] == "sent"


def test_the_state_of_delivery_is_one_statement(put: Put, now: datetime, statements: Any) -> None:
    put()
    failed(put, now)
    actions.beat(part="beat", now=now)
    actions.beat(part="beat", now=now + timedelta(seconds=30))
    db.session.commit()
    statements()
    health = queries.health(now)
    assert len(statements()) == 1
    assert (health.waiting, health.failed, health.sent_last_day) == (1, 1, 0)
    assert (health.due_since, health.last_beat_at) == (now, now + timedelta(seconds=30))


@pytest.mark.parametrize("path", ["/courriels", "/courriels?etat=echec"])
def test_delivery_is_shown_to_whom_it_concerns(as_: Any, cast: SimpleNamespace, path: str) -> None:
    answers = {who: as_(getattr(cast, who)).get(path).status_code for who in ("ada", "ines", "ana", "sam", "paul")}
    assert {who for who, status in answers.items() if status == 200} == {"ada", "ines"}

"""Two probes: the process answers; it can do its work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from supervision.db import db
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.outbox import queries
from supervision.outbox.models import OutboxMail
from tests.client import FreshClient

WELL = {"database": "ok", "beat": "ok", "oldest_mail": "ok", "broker": "ok"}


def beat(at: datetime) -> None:
    outbox.beat(part="beat", now=at)
    db.session.commit()


def put(cast: SimpleNamespace, at: datetime) -> None:
    outbox.put(key="late", kind="reset", person_id=cast.ana.id, subject_id=new_id(), now=at)
    db.session.commit()


def ready(visitor: FreshClient) -> tuple[int, dict[str, Any]]:
    answer = visitor.get("/readyz")
    return answer.status_code, answer.get_json()["checks"]


def test_the_process_answers_without_asking_the_database(
    visitor: FreshClient, cast: SimpleNamespace, statements: Callable[[], list[str]]
) -> None:
    statements()
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.get_json(), statements()) == (200, {"status": "ok"}, [])
    assert "Set-Cookie" not in answer.headers


def test_the_process_answers_while_the_database_is_gone(tmp_path: Any, fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        gone = "sqlite:////nowhere/at/all.db" if db.engine.name == "sqlite" else "postgresql+psycopg://127.0.0.1:1/x"
        db._app_engines[app][None] = db._make_engine(None, {"url": gone}, app)
    client = app.test_client()
    answers = {path: client.get(path).status_code for path in ("/healthz", "/readyz")}
    assert answers == {"/healthz": 200, "/readyz": 503}
    assert client.get("/readyz").get_json()["checks"]["database"] == "unreachable"
    assert client.get("/deontologie").status_code == 500


def test_all_is_well(visitor: FreshClient, cast: SimpleNamespace, now: datetime) -> None:
    beat(now - timedelta(seconds=170))
    put(cast, now - timedelta(minutes=14))
    assert ready(visitor) == (200, WELL)


@pytest.mark.parametrize("age", [None, timedelta(minutes=3, seconds=1), timedelta(days=2)])
def test_a_late_beat_is_red(visitor: FreshClient, cast: SimpleNamespace, now: datetime, age: timedelta | None) -> None:
    if age is not None:
        beat(now - age)
    assert ready(visitor) == (503, WELL | {"beat": "late"})


def test_an_old_unsent_mail_is_red_and_a_settled_one_is_not(
    visitor: FreshClient, cast: SimpleNamespace, now: datetime
) -> None:
    beat(now)
    put(cast, now - timedelta(minutes=16))
    assert ready(visitor) == (503, WELL | {"oldest_mail": "late"})
    for settled in ("sent_at", "skipped_at", "failed_at"):
        db.session.execute(update(OutboxMail).values({settled: now}))
        db.session.commit()
        assert ready(visitor) == (200, WELL)
        db.session.execute(update(OutboxMail).values({settled: None}))
        db.session.commit()


def test_a_mail_that_rests_between_two_attempts_is_not_late_until_its_turn_has_passed(
    visitor: FreshClient, cast: SimpleNamespace, now: datetime
) -> None:
    beat(now)
    put(cast, now - timedelta(hours=5))
    answers = []
    for due_at in (now - timedelta(hours=5), now + timedelta(hours=3), now - timedelta(minutes=16)):
        db.session.execute(update(OutboxMail).values(attempts=4, due_at=due_at))
        db.session.commit()
        answers.append(ready(visitor)[1]["oldest_mail"])
    assert answers == ["late", "ok", "late"]


def test_a_broker_out_of_reach_is_red(
    app: Flask, visitor: FreshClient, cast: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(now)
    monkeypatch.setitem(app.extensions, "bell", SimpleNamespace(reachable=lambda: False))
    assert ready(visitor) == (503, WELL | {"broker": "unreachable"})


def test_a_database_that_fails_is_named_without_its_words(
    visitor: FreshClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_now: datetime) -> None:
        raise OperationalError("SELECT marque-7f3a", {}, Exception("marque-7f3a"))

    monkeypatch.setattr(queries, "health", fails)
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]) == (503, {"database": "unreachable", "broker": "ok"})
    assert "marque-7f3a" not in answer.text


def test_an_outage_of_the_mail_server_is_red_although_each_mail_rests(
    visitor: FreshClient, cast: SimpleNamespace, now: datetime
) -> None:
    beat(now)
    put(cast, now - timedelta(minutes=40))
    unreached = {"attempts": 0, "last_code": 0, "due_at": now + timedelta(minutes=20)}
    db.session.execute(update(OutboxMail).where(OutboxMail.key == "late").values(unreached))
    db.session.commit()
    assert ready(visitor) == (503, WELL | {"oldest_mail": "late"})

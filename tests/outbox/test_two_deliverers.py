"""Several deliverers at once, with real commits: every mail once, no row in two hands."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from supervision import clock
from supervision.db import db
from supervision.demo import association as demo
from supervision.ids import new_id
from supervision.outbox import delivery
from supervision.outbox.delivery import deliver
from supervision.outbox.models import OutboxMail
from supervision.people import queries as people
from tests.services import free_port
from tests.sink import Sink, listening


def fill(app: Flask, count: int) -> None:
    with app.app_context():
        ana, now = people.person_by_email(demo.email_of("ana")), clock.now()
        assert ana is not None
        rows = [
            {
                "id": new_id(),
                "key": f"password-changed/{n}",
                "kind": "password-changed",
                "person_id": ana.id,
                "subject_id": ana.id,
                "facts": {},
                "created_at": now,
                "due_at": now,
                "attempts": 0,
            }
            for n in range(count)
        ]
        db.session.execute(insert(OutboxMail), rows)
        db.session.commit()


def in_threads(work: Callable[[], Any], count: int) -> list[Any]:
    gate, results = threading.Barrier(count), []

    def run() -> None:
        gate.wait()
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.slow
def test_no_row_is_ever_claimed_by_two(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    fill(app, 120)

    def claim_all() -> list[Any]:
        with app.app_context():
            mine: list[Any] = []
            while taken := delivery._claim(7, timedelta(minutes=5)):
                mine += [mail.id for mail in taken]
            return mine

    claims = in_threads(claim_all, 4)
    assert Counter(mail for mine in claims for mail in mine).most_common(1)[0][1] == 1
    assert sum(map(len, claims)) == 120


@pytest.mark.slow
def test_four_deliverers_send_every_mail_once(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    fill(app, 60)
    sink = Sink()
    with listening(sink, free_port()) as url:
        post = replace(app.extensions["post"], smtp_url=url)

        def deliver_all() -> None:
            with app.app_context():
                while deliver(post, limit=5):
                    pass

        in_threads(deliver_all, 4)
    assert (len(sink.message_ids), len(set(sink.message_ids))) == (60, 60)
    with app.app_context():
        assert {mail.attempts for mail in db.session.scalars(select(OutboxMail))} == {1}

"""Mails a second: our outbox, with its claims and commits, beside a loop over one SMTP connection."""

from __future__ import annotations

import contextlib
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from uuid import UUID

import sqlalchemy as sa
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import Envelope
from flask import Flask

from supervision import clock, mailer
from supervision.cases.awaited import queries as awaited
from supervision.cases.models import Case
from supervision.db import db
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.outbox.delivery import Post, deliver
from supervision.outbox.models import OutboxMail
from tests.services import free_port

MAILS = 150  # in each round


def compare(app: Flask, rounds: int) -> tuple[float, float, float]:
    """Ours beside the bare loop, in turns: the median ratio, and mails a second of both."""
    ours, bare = [], []
    with sink() as port:
        post = replace(app.extensions["post"], smtp_url=f"smtp://127.0.0.1:{port}")
        letter = _letter(post)
        _bare(port, letter, 20)
        for number in range(rounds):
            ours.append(_ours(post, number))
            bare.append(_bare(port, letter, MAILS))
    return median(a / b for a, b in zip(ours, bare, strict=True)), median(ours), median(bare)


def _put(number: int) -> None:
    """Rows as the publication of feedback puts them, for as many situations."""
    for case_id, author_id in db.session.execute(sa.select(Case.id, Case.author_id).limit(MAILS)).all():
        _put_one(f"bench/{number}/{case_id}", case_id, author_id)
    db.session.commit()


def _put_one(key: str, case_id: UUID, person_id: UUID) -> None:
    facts = {"feedback": str(new_id())}  # one that nobody has recalled
    outbox.put(key=key, kind="feedback-published", person_id=person_id, subject_id=case_id, now=clock.now(), **facts)


def _ours(post: Post, number: int) -> float:
    _put(number)
    began, sent = time.perf_counter(), 0
    while handled := deliver(post):
        sent += handled
    seconds = time.perf_counter() - began
    unsent = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMail).where(OutboxMail.sent_at.is_(None)))
    db.session.commit()
    if unsent or sent != MAILS:
        raise RuntimeError(f"{sent} mails handled, {unsent} not sent")
    return sent / seconds


def _letter(post: Post) -> mailer.Letter:
    """The same words, rendered once: the bare loop only builds messages and hands them over."""
    _put_one("bench/model", *db.session.execute(sa.select(Case.id, Case.author_id).limit(1)).one())
    row = db.session.scalars(sa.select(OutboxMail).where(OutboxMail.key == "bench/model")).one()
    assert awaited.post_facts(row.subject_id, clock.now())
    letter = post.composers[row.kind](row, clock.now())
    assert isinstance(letter, mailer.Letter)
    db.session.rollback()
    return letter


def _bare(port: int, letter: mailer.Letter, count: int) -> float:
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            message_id = f"<{number}@bench.example>"
            message = mailer.build(letter, sender="Banc <banc@bench.example>", message_id=message_id, now=clock.now())
            server.send_message(message)
    return count / (time.perf_counter() - began)


# --- the server, a process of its own ---------------------------------------------------------------------------------


@contextlib.contextmanager
def sink() -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.mails", str(port)], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


class Forget:
    async def handle_DATA(self, _server: object, _session: object, _envelope: Envelope) -> str:  # noqa: N802
        return "250 taken"


def _serve(port: int) -> None:
    controller = UnthreadedController(Forget(), hostname="127.0.0.1", port=port)
    controller.begin()
    print("listening", flush=True)
    controller.loop.run_forever()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))

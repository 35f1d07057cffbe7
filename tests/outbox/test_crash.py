"""Two hundred mails, and a deliverer that is killed with SIGKILL ten times: none lost, every duplicate recognisable.

Each kill lands on a process that is delivering: the test waits for mails of that very life before it kills. First a
fork that calls what the worker's task calls, ten times over; then the worker itself, as Celery runs it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SADeprecationWarning

from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.outbox.rules import message_id
from tests.outbox.test_two_deliverers import fill
from tests.services import free_port
from tests.sink import Sink, listening
from worker.queue import make_celery

ROOT = Path(__file__).resolve().parents[2]
MAILS, KILLS, LEASE = 200, 10, 1.5
WORKER_KILLS = 3


def taking_its_time(_message: object) -> str:
    time.sleep(0.02)
    return "250 taken"


def environment(app: Flask, url: str) -> dict[str, str]:
    settings = app.config["SETTINGS"]
    return {
        **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
        "APP_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "INSTANCE_DIR": str(settings.instance_dir),
        "MASTER_KEY_FILE": str(settings.master_key_file),
        "SECRET_KEY": settings.secret_key,
        "SMTP_URL": url,
    }


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "nothing was delivered"
        time.sleep(0.005)


def kill_at_work(pid: int, sink: Sink) -> None:
    """Wait until this life has delivered a few mails, then kill it wherever it is."""
    before, more = len(sink.received), random.randint(2, 8)
    until(lambda: len(sink.received) >= before + more, 30)
    time.sleep(random.uniform(0, 0.03))
    os.kill(pid, signal.SIGKILL)


def compare(app: Flask, sink: Sink, kills: int) -> int:
    """Every mail arrived and is marked as sent; no more are doubled than there were kills. Returns how many were."""
    received, domain = Counter(sink.message_ids), app.extensions["post"].domain
    with app.app_context():
        keys = db.session.scalars(select(OutboxMail.key).where(OutboxMail.sent_at.is_not(None))).all()
    assert set(received) == {message_id(key, domain) for key in keys}
    assert (len(keys), len(received)) == (MAILS, MAILS)
    doubled = sum(received.values()) - MAILS
    assert doubled <= kills
    return doubled


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_no_mail_is_lost_and_no_more_are_doubled_than_there_were_kills(
    fresh_stack: Callable[..., Flask], record_property: Callable[[str, object], None]
) -> None:
    app, sink, ends = fresh_stack(), Sink(taking_its_time), []
    fill(app, MAILS)
    with listening(sink, free_port()) as url:
        command = [sys.executable, "-m", "tests.outbox.mortal", str(KILLS), str(LEASE)]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment(app, url), stdout=subprocess.PIPE, text=True
        ) as mortal:
            assert mortal.stdout
            for _ in range(KILLS):
                kill_at_work(int(mortal.stdout.readline()), sink)
                ends.append(mortal.stdout.readline().strip())
            assert mortal.wait(timeout=60) == 0
    assert ends == ["killed"] * KILLS
    record_property("kills and duplicates", (KILLS, compare(app, sink, KILLS)))


@contextmanager
def worker(app: Flask, url: str, life: int) -> Iterator[subprocess.Popen[bytes]]:
    """The worker of the platform. Each life is a day later, so that what the dead one had claimed is free again."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-q",
        "-A",
        "worker.app:celery",
        "worker",
        "--pool",
        "threads",
        "-c",
        "2",
    ]
    env = environment(app, url) | {"CLOCK_SHIFT_DAYS": str(life)}
    with (app.config["SETTINGS"].instance_dir / f"worker-{life}.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            with warnings.catch_warnings(action="ignore", category=SADeprecationWarning):  # kombu's own models
                make_celery(app.config["SETTINGS"]).send_task("worker.deliver")
            yield running
        finally:
            running.kill()
            running.wait()


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.parametrize("fresh_stack", ["sqlite"], indirect=True)
def test_the_worker_itself_is_killed_and_loses_nothing(
    fresh_stack: Callable[..., Flask], record_property: Callable[[str, object], None]
) -> None:
    app, sink, ends = fresh_stack(), Sink(taking_its_time), []
    fill(app, MAILS)
    with listening(sink, free_port()) as url:
        for life in range(WORKER_KILLS):
            with worker(app, url, life) as running:
                kill_at_work(running.pid, sink)
                ends.append(running.wait(timeout=10))
        with worker(app, url, WORKER_KILLS):
            until(lambda: _sent(app) == MAILS, 60)
    assert ends == [-signal.SIGKILL] * WORKER_KILLS
    record_property("kills and duplicates", (WORKER_KILLS, compare(app, sink, WORKER_KILLS)))


def _sent(app: Flask) -> int:
    time.sleep(0.1)
    with app.app_context():
        return len(db.session.scalars(select(OutboxMail.id).where(OutboxMail.sent_at.is_not(None))).all())

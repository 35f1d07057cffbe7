"""The bell: heard when the broker is there, and never waited for when it is not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from kombu.transport.sqlalchemy.models import metadata
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.ddl import SchemaGenerator

from config import Settings
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from tests import desk
from tests.conftest import settings_for
from worker.bell import CeleryBell
from worker.queue import make_celery

# The embedded queue's transport uses a loader that SQLAlchemy is about to drop: the lock file holds both.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

AT_ONCE = 0.25  # seconds: no connection is opened on the way


@contextmanager
def blackhole() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@contextmanager
def closed_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def unwritable_file() -> Iterator[str]:
    yield "sqla+sqlite:////proc/prisme/broker.db"


DEAD = {"closed port": closed_port, "blackhole": blackhole, "unwritable file": unwritable_file}


@pytest.fixture(params=DEAD)
def dead(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with DEAD[request.param]() as url:
        yield replace(settings_for(tmp_path, "sqlite://"), broker_url=url)


def test_ringing_a_dead_broker_takes_no_time_and_raises_nothing(dead: Settings) -> None:
    bell, before = CeleryBell(dead), time.perf_counter()
    for _ in range(200):
        bell.ring()
    assert time.perf_counter() - before < AT_ONCE


@pytest.mark.slow
def test_a_dead_broker_is_said_to_be_dead_in_seconds(dead: Settings) -> None:
    before = time.perf_counter()
    assert CeleryBell(dead).reachable() is False
    assert time.perf_counter() - before < 8


def test_a_page_that_rings_a_dead_broker_is_neither_broken_nor_slow(
    app: Flask,
    as_: Any,
    cast: SimpleNamespace,
    keyring: Keyring,
    now: Any,
    dead: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions, "bell", CeleryBell(dead))
    case_id = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    ana = as_(cast.ana)
    ana.get("/")
    before = time.perf_counter()
    assert desk.submit(ana, case_id, desk.situation_form(cast.sam, 1)).status_code == 302
    assert time.perf_counter() - before < 1.5
    assert db.session.query(OutboxMail).filter_by(kind="case-submitted").count() == 1


def test_the_embedded_broker_is_reachable(tmp_path: Path) -> None:
    assert CeleryBell(settings_for(tmp_path, "sqlite://")).reachable() is True


def declare(settings: Settings) -> None:
    """What every process does first: it makes the tables and the queue, unless they are there."""
    with make_celery(settings).connection_for_write() as connection:
        connection.default_channel.queue_declare("celery")


def overtake(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, other: Callable[[], None]) -> None:
    """Let another process come first, just when this one has seen that something is missing and makes it."""
    real = getattr(owner, name)

    def late(*given: Any, **options: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        other()
        return real(*given, **options)

    monkeypatch.setattr(owner, name, late)


def test_tables_that_another_process_has_just_made_are_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, "sqlite://")
    overtake(monkeypatch, SchemaGenerator, "visit_table", lambda: declare(settings))
    declare(settings)


def test_a_queue_that_another_process_has_just_made_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, "sqlite://")
    file = settings.broker_url.removeprefix("sqla+")
    metadata.create_all(create_engine(file))

    def other() -> None:
        with create_engine(file).begin() as connection:
            connection.execute(text("INSERT INTO kombu_queue (name) VALUES ('celery')"))

    overtake(monkeypatch, Session, "commit", other)
    declare(settings)


def test_many_rings_become_few_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bell, calls, go_on = CeleryBell(settings_for(tmp_path, "sqlite://")), [], threading.Event()

    def slowly(name: str, **_options: Any) -> None:
        calls.append(name)
        go_on.wait(5)

    monkeypatch.setattr(bell._celery, "send_task", slowly)
    for _ in range(100):
        bell.ring()
    until(lambda: calls == ["worker.deliver"])
    for _ in range(100):
        bell.ring()
    go_on.set()
    until(lambda: len(calls) == 2)
    time.sleep(0.1)
    assert calls == ["worker.deliver"] * 2  # one for what came before, one for what came meanwhile


def test_a_bell_that_failed_once_rings_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bell, calls = CeleryBell(settings_for(tmp_path, "sqlite://")), []

    def fail_first(name: str, **_options: Any) -> None:
        calls.append(name)
        if len(calls) == 1:
            raise ConnectionError

    monkeypatch.setattr(bell._celery, "send_task", fail_first)
    bell.ring()
    until(lambda: len(calls) == 1)
    bell.ring()
    until(lambda: len(calls) == 2)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)

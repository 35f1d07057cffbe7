"""The ground of the suite: two databases, one permanent cast, requests that share nothing with each other.

Each test runs inside a transaction that is rolled back, on SQLite and on PostgreSQL. Tests that need real commits,
processes or threads take `fresh_stack` and get a database of their own: a copy of one that is filled once.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import argon2
import flask_migrate
import pytest
import structlog
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser
from sqlalchemy import delete, event, select

import config
from config import Settings
from supervision import cli, clock, create_app, crypto, master_keys
from supervision.association.queries import the_association
from supervision.db import db, declare
from supervision.demo import association as demo
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.sign_in import passwords
from tests import services
from tests.browser.chromium import launched
from tests.client import FreshClient
from tests.services import Missing

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.service))


REAL_HASHER, REAL_NOBODY = passwords._hasher, passwords._NOBODY
LIGHT_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_configure(config: pytest.Config) -> None:
    """Passwords cost a thousandth of what they cost people, and a crash is told in plain lines."""
    os.environ.setdefault("APP_ENV", "test")
    # The colourful tracebacks of the default print every local variable, and take half a minute for a large select.
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])
    passwords._hasher, passwords._NOBODY = LIGHT_HASHER, LIGHT_HASHER.hash("no one has this password")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected stays until the end: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)  # after pytest has put those of one database together
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that both workers end together."""
    items.sort(key=lambda item: not _is_long(item))


def _is_long(item: pytest.Item) -> bool:
    """With processes of its own. A test on the database that all share is left beside the others of that database."""
    return item.get_closest_marker("slow") is not None and "stack" not in getattr(item, "fixturenames", ())


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are for people."""
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    monkeypatch.setattr(passwords, "_NOBODY", REAL_NOBODY)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that all workers of this run have in common, with the servers they share."""
    folder = services.shared_folder(tmp_path_factory.getbasetemp())
    with services.kept(folder):
        yield folder


@contextmanager
def database_url(kind: str, folder: Path, shared: Path, name: str, like: str | None = None) -> Iterator[str]:
    """The address of a database of one kind, empty or a copy of another that nobody uses. A missing server skips the
    test, saying why.
    """
    if kind == "sqlite":
        file = folder / f"{name}.db"
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    found = services.postgresql(shared)
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    with found as server, server.database(name, like.rpartition("/")[2] if like else None) as url:
        yield config._database_url(url)


def settings_for(folder: Path, url: str, **changes: Any) -> Settings:
    """Settings of a test: a key of its own, an SMTP server that does not exist."""
    key_file = folder / "master.keys"
    if not key_file.exists():
        crypto.write_key_file(key_file, {1: crypto.new_key()})
    plain = config.from_environment({"APP_ENV": "test", "INSTANCE_DIR": str(folder), "SECRET_KEY": "t" * 48})
    return replace(plain, database_url=url, master_key_file=key_file, smtp_url="smtp://127.0.0.1:1", **changes)


@pytest.fixture(scope="session", params=DATABASES)
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared: Path, worker_id: str
) -> Iterator[Flask]:
    """One migrated database with the cast, for all the tests of this process."""
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as exits:
        url = exits.enter_context(database_url(request.param, folder, shared, f"prisme_{worker_id}"))
        app = application(settings_for(folder, url), shared)
        with app.app_context():
            migrate(app)
            fill_with_cast()
        yield app
        with app.app_context():
            db.engine.dispose()


def application(settings: Settings, shared: Path) -> Flask:
    """The application as tests use it: it can migrate, and all of a run share what Jinja has compiled."""
    app = create_app(settings)
    cli.migrate.init_app(app, db)
    app.test_client_class = FreshClient
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(shared))
    return app


def migrate(app: Flask) -> None:
    cli.migrate.init_app(app, db)
    flask_migrate.upgrade()
    master_keys.verify(app.extensions["keyring"], clock.now())


def fill_with_cast() -> None:
    """People, agreements (Ana–Sam, Lee–Noor, Sam–Noor, Paul–Sam) and the code; Ana, Sam and Noor have signed it."""
    long_ago = datetime.now(UTC) - timedelta(days=90)
    founded = demo.association.found(name="Rives", contact_email="bureau@rives.example", now=long_ago)
    cast = demo.add_cast(long_ago)
    demo.sign_agreements(cast, founded, long_ago)
    demo.publish_sample_code(founded, long_ago)
    for key in ("ana", "sam", "noor"):
        demo.sign_code(cast[key], founded, long_ago + timedelta(days=1))
    db.session.execute(delete(OutboxMail))  # what was written to them long ago is no test's subject
    db.session.commit()


@pytest.fixture
def app(stack: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back, whatever the test or the request commits."""
    declare(only_reading=False)
    with stack.app_context():
        engine = db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            engines = db._app_engines[stack]
            engines[None] = connection  # type: ignore[assignment]  # Flask-SQLAlchemy ignores a session's own bind
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield stack
            finally:
                db.session.remove()
                outer.rollback()
                engines[None] = engine
    clock.shift_by(timedelta())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the process: two Playwrights do not live in one."""
    with launched() as browser:
        yield browser


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    """Ana and Lee in training, Sam and Noor who supervise, Ada and Inès who administer, Paul, Zoé."""
    keys = {demo.email_of(role.key): role.key for role in demo.CAST}
    found = db.session.scalars(select(Person).where(Person.email_key.in_(keys))).all()
    db.session.commit()
    return SimpleNamespace(**{keys[person.email_key]: person for person in found})


@pytest.fixture
def visitor(app: Flask) -> FreshClient:
    """Somebody who is not signed in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def as_(app: Flask) -> Callable[[Person], FreshClient]:
    """A browser in which this person is signed in: `as_(cast.ana).get("/")`."""

    def signed_in(person: Person) -> FreshClient:
        client: FreshClient = app.test_client()  # type: ignore[assignment]
        client.sign_in(person)
        return client

    return signed_in


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def today(app: Flask, now: datetime) -> Any:
    association = the_association()
    assert association is not None
    return association.day_of(now)


@pytest.fixture
def keyring(app: Flask) -> crypto.Keyring:
    ring: crypto.Keyring = app.extensions["keyring"]
    return ring


@pytest.fixture
def statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """The statements since the last call, without the bookkeeping of transactions."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")):
            seen.append(statement)

    connection = db._app_engines[app][None]
    event.listen(connection, "before_cursor_execute", note)

    def taken() -> list[str]:
        result, seen[:] = list(seen), []
        return result

    yield taken
    event.remove(connection, "before_cursor_execute", note)


@pytest.fixture(params=DATABASES)
def empty_stack(
    request: pytest.FixtureRequest, tmp_path: Path, shared: Path, worker_id: str
) -> Iterator[Callable[..., Flask]]:
    """Make an application on a migrated database of its own that holds nobody, where commits are real."""
    with database_url(request.param, tmp_path, shared, fresh_name(worker_id)) as url:

        def make(**changes: Any) -> Flask:
            app = application(settings_for(tmp_path, url, **changes), shared)
            with app.app_context():
                migrate(app)
            return app

        yield make


@pytest.fixture(scope="session")
def furnished(
    tmp_path_factory: pytest.TempPathFactory, shared: Path, worker_id: str
) -> Iterator[Callable[[str], Settings]]:
    """The settings of a database of one kind that is migrated and holds the cast, made once and used by nobody."""
    made: dict[str, Settings] = {}

    def furnish(kind: str) -> Settings:
        if kind not in made:
            folder = tmp_path_factory.mktemp(f"furnished-{kind}")
            url = exits.enter_context(database_url(kind, folder, shared, f"furnished_{worker_id}"))
            made[kind] = settings_for(folder, url)
            app = application(made[kind], shared)
            with app.app_context():
                migrate(app)
                fill_with_cast()
                db.session.remove()
                db.engine.dispose()
        return made[kind]

    with ExitStack() as exits:
        yield furnish


@pytest.fixture(params=DATABASES)
def fresh_stack(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    shared: Path,
    worker_id: str,
    furnished: Callable[[str], Settings],
) -> Iterator[Callable[..., Flask]]:
    """Make an application on a database of its own, migrated and with the cast, where commits are real."""
    model = furnished(request.param)
    shutil.copy(model.master_key_file, tmp_path)
    with database_url(request.param, tmp_path, shared, fresh_name(worker_id), like=model.database_url) as url:
        yield lambda **changes: application(settings_for(tmp_path, url, **changes), shared)


def fresh_name(worker_id: str) -> str:
    return f"fresh_{worker_id}_{os.urandom(4).hex()}"

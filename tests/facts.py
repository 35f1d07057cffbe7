"""What the database says after a request, and requests that are made at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import Executable, select

from supervision.audit.models import AuditEntry
from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.sign_in.models import SingleUseLink
from supervision.sign_in.rules import link_token

Result = TypeVar("Result")


def rows(statement: Executable) -> list[Any]:
    """Rows as they are now. The commit closes this session's savepoint, or a later request would nest in it."""
    found = db.session.execute(statement.execution_options(populate_existing=True)).all()
    db.session.commit()
    return [row[0] if len(row) == 1 else tuple(row) for row in found]


def one(statement: Executable) -> Any:
    (found,) = rows(statement)
    return found


def again(person: Person) -> Person:
    """The same person as the database has her now."""
    found: Person = one(select(Person).where(Person.id == person.id))
    return found


def acts(*actions: str) -> list[tuple[str, UUID | None, str]]:
    """Entries of the record of these kinds, in order: (act, by whom, on what)."""
    entries = select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.subject).order_by(AuditEntry.number)
    return rows(entries.where(AuditEntry.action.in_(actions)))


def mails(kind: str) -> list[OutboxMail]:
    return rows(select(OutboxMail).where(OutboxMail.kind == kind).order_by(OutboxMail.id))


def newest_link(app: Flask, person: Person) -> str:
    """The token that the person's latest mail carries."""
    links = select(SingleUseLink.id).where(SingleUseLink.person_id == person.id).order_by(SingleUseLink.id.desc())
    return link_token(rows(links.limit(1))[0], app.config["SECRET_KEY"])


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """Call all of them at the same moment, each in a thread of its own."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        start.wait(timeout=30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def together(times: int, call: Callable[[], Result]) -> list[Result]:
    return at_once(*[call] * times)


@contextmanager
def undone(app: Flask) -> Any:
    """Take back what happens inside, requests included."""
    savepoint = db._app_engines[app][None].begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def statuses(responses: Sequence[Any]) -> list[int]:
    return sorted(response.status_code for response in responses)

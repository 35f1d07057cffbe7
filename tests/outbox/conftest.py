from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from supervision.db import db
from supervision.ids import new_id
from supervision.outbox import actions
from supervision.outbox.delivery import Post
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person

Put = Callable[..., str]


@pytest.fixture
def post(app: Flask) -> Post:
    """The application's own, which knows no server: `replace(post, smtp_url=…)`."""
    plain: Post = app.extensions["post"]
    return replace(plain, smtp_url="smtp://127.0.0.1:1")


@pytest.fixture
def put(cast: SimpleNamespace, now: datetime) -> Put:
    """Put a mail that is always true in the outbox; gives its key back."""

    def put_one(person: Person | None = None, kind: str = "password-changed", **changes: Any) -> str:
        key = f"{kind}/{new_id()}"
        to = person or cast.ana
        actions.put(key=key, kind=kind, person_id=to.id, **{"subject_id": to.id, "now": now, **changes})
        db.session.commit()
        return key

    return put_one


def row(key: str) -> OutboxMail:
    """The mail as the database has it now."""
    found = db.session.scalars(
        select(OutboxMail).where(OutboxMail.key == key).execution_options(populate_existing=True)
    )
    return found.one()


def outcome(key: str) -> tuple[str, int, int | None]:
    """Its state, its attempts and the last reply code."""
    mail = row(key)
    states = {"sent": mail.sent_at, "skipped": mail.skipped_at, "failed": mail.failed_at}
    state = next((name for name, at in states.items() if at), "waiting")
    return (f"{state}, claimed" if state == "waiting" and mail.claim else state, mail.attempts, mail.last_code)

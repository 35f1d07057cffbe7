"""Two questions of whoever runs the platform: does the process answer, and can it do its work?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from supervision import clock
from supervision.db import db
from supervision.doors import public
from supervision.outbox import queries as outbox

bp = Blueprint("health", __name__)

LATE_BEAT = timedelta(minutes=3)
LATE_MAIL = timedelta(minutes=15)


@bp.get("/healthz")
@public
def healthz() -> Any:
    """The process answers. Nothing else is looked at, so that a broken database does not restart the web."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> Any:
    """Database, broker, the worker's last beat, the mail that is longest overdue: 503 if any of them is not well."""
    checks = {**_database_checks(), "broker": "ok" if current_app.extensions["bell"].reachable() else "unreachable"}
    ready = all(value == "ok" for value in checks.values())
    return {"status": "ok" if ready else "not ready", "checks": checks}, 200 if ready else 503


def _database_checks() -> dict[str, str]:
    now = clock.now()
    try:
        health = outbox.health(now)
    except SQLAlchemyError:
        db.session.rollback()
        return {"database": "unreachable"}
    beat, due_since = health.last_beat_at, health.due_since
    return {
        "database": "ok",
        "beat": "ok" if beat is not None and now - beat < LATE_BEAT else "late",
        "oldest_mail": "ok" if due_since is None or now - due_since < LATE_MAIL else "late",
    }

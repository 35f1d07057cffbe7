"""Adding to the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from supervision.audit.models import AuditEntry
from supervision.audit.rules import GENESIS, entry_hash
from supervision.db import db

_CHAIN_LOCK = 7_301_001  # any constant: the advisory lock that lets one transaction at a time extend the chain


def record(*, actor_id: UUID | None, action: str, subject: str, now: datetime, **facts: Any) -> AuditEntry:
    """Append one entry to the chain, in the caller's transaction.

    `facts` may hold ids, kinds and counts. SQLite writers are alone by nature; on PostgreSQL a lock held until the
    commit makes them so.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = select(AuditEntry.hash).order_by(AuditEntry.number.desc()).limit(1)
    previous = db.session.scalar(last) or GENESIS
    entry = AuditEntry(at=now, actor_id=actor_id, action=action, subject=subject, facts=facts, previous_hash=previous)
    entry.hash = entry_hash(
        at=now, actor_id=actor_id, action=action, subject=subject, facts=facts, previous_hash=previous
    )
    db.session.add(entry)
    db.session.flush()
    return entry

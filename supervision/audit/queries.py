"""Reading and checking the record."""

from __future__ import annotations

from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.audit.rules import GENESIS, entry_hash
from supervision.db import db


def first_broken_entry() -> int | None:
    """The number of the first entry that was altered or follows a removed one; None if the chain holds."""
    expected = GENESIS
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=500)):
        computed = entry_hash(
            at=entry.at,
            actor_id=entry.actor_id,
            action=entry.action,
            subject=entry.subject,
            facts=entry.facts,
            previous_hash=expected,
        )
        if entry.previous_hash != expected or entry.hash != computed:
            return entry.number
        expected = entry.hash
    return None


def latest(limit: int, before: int | None = None) -> list[AuditEntry]:
    """Entries from the newest to the oldest, paged by number."""
    entries = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit)
    if before is not None:
        entries = entries.where(AuditEntry.number < before)
    return list(db.session.scalars(entries))

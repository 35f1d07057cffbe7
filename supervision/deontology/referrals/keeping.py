"""How long a closed referral is kept, its destruction, and the proof that it is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from supervision.association.models import Association
from supervision.association.queries import the_association
from supervision.association.rules import months_after
from supervision.audit import actions as audit
from supervision.audit.models import AuditEntry
from supervision.db import db
from supervision.deontology.referrals.models import Referral, ReferralEntry

ACTION = "referral-purged"


def kept_until(referral: Referral, association: Association) -> date | None:
    """The first day on which it may be destroyed; None while it is open."""
    if referral.closed_at is None:
        return None
    return months_after(association.day_of(referral.closed_at), association.retention_months)


def due_for_purge(now: datetime) -> Sequence[UUID]:
    """Closed referrals that were kept long enough."""
    association = the_association()
    if association is None:
        return []
    today = association.day_of(now)
    # Months differ in length, and zones: a little more is looked at than is due.
    before = datetime.combine(months_after(today, -association.retention_months) + timedelta(days=4), time(), UTC)
    closed = select(Referral).where(Referral.closed_at < before, Referral.wrapped.is_not(None))
    found = db.session.scalars(closed.order_by(Referral.closed_at)).all()
    return [row.id for row in found if _is_due(row, association, today)]


def _is_due(row: Referral, association: Association, today: date) -> bool:
    day = kept_until(row, association)
    return row.wrapped is not None and day is not None and day <= today


def purge_if_due(*, referral_id: UUID, now: datetime) -> bool:
    """Destroy the key, and with it every word. True if it is destroyed now; whoever reopened it came before.

    What remains: that there was one, whose, when, and the proof that its key is gone. The record names nobody.
    """
    rows = select(Referral).where(Referral.id == referral_id).with_for_update()
    row = db.session.scalars(rows.execution_options(populate_existing=True)).one()
    association = the_association()
    if row.wrapped is None or association is None or not _is_due(row, association, association.day_of(now)):
        return False
    row.purged_at, row.purged_generation = now, row.generation
    row.purged_key_hash = hashlib.sha256(row.wrapped).hexdigest()
    row.generation = row.wrapped = None
    db.session.flush()
    audit.record(actor_id=None, action=ACTION, subject=f"referral/{row.id}", now=now, **_proof(row))
    return True


def _proof(row: Referral) -> dict[str, Any]:
    entries = select(func.count()).select_from(ReferralEntry).where(ReferralEntry.referral_id == row.id)
    pieces = 1 + (db.session.scalar(entries) or 0)  # its title, and what was said
    return {"generation": row.purged_generation, "key_hash": row.purged_key_hash, "pieces": pieces}


def first_unproven() -> str | None:
    """What contradicts the purges of referrals, in a sentence; None if the record holds each of them as it is kept."""
    entries: dict[str, dict[str, Any]] = {
        entry.subject: entry.facts
        for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action == ACTION))
    }
    purged = select(Referral).where(Referral.purged_at.is_not(None)).order_by(Referral.purged_at)
    for row in db.session.scalars(purged):
        if row.wrapped is not None:
            return f"referral {row.id} is purged and has a key"
        if entries.pop(f"referral/{row.id}", None) != _proof(row):
            return f"the record does not hold the purge of referral {row.id} as it is kept"
    return f"the record holds a purge that is not kept: {next(iter(entries))}" if entries else None

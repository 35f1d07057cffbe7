"""Noting that a proof was taken along. Nothing of it is kept."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from supervision.audit import actions as audit


def record_proof(*, actor_id: UUID, person_id: UUID, day: date, now: datetime) -> None:
    subject = f"person/{person_id}"
    audit.record(actor_id=actor_id, action="bound-text-proved", subject=subject, now=now, day=day.isoformat())

"""Noting that a copy was taken along. Nothing of it is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from supervision.audit import actions as audit


def record_export(*, actor_id: UUID, case_id: UUID, kind: str, now: datetime) -> None:
    """`kind`: "pdf" or "markdown"."""
    audit.record(actor_id=actor_id, action="case-exported", subject=f"case/{case_id}", now=now, kind=kind)

"""The append-only record: the database refuses to change or delete a row; each carries the hash of the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base, Sequence64


class AuditEntry(Base):
    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(Sequence64, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]  # no foreign key: the record outlives the account
    action: Mapped[str]
    subject: Mapped[str]  # "person/0190…", "case/0190…"
    facts: Mapped[dict[str, Any]]  # ids, kinds and counts; never what somebody wrote
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)

"""A mail is a row before it is a message: written with the fact it follows from, sent by the worker later.

The row names a kind and ids; the words are rendered at the moment of sending and never stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class OutboxMail(Base):
    __tablename__ = "outbox_mail"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)  # "case-submitted/<case>": the same fact never makes two mails
    kind: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    subject_id: Mapped[UUID]  # the case, the link …: what the kind's composer needs to look at again
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]  # when to try (again)
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[UUID | None]  # whose turn it is …
    claimed_until: Mapped[datetime | None]  # … and until when we believe it
    last_code: Mapped[int | None]  # the last SMTP reply that was no success; 0 = no conversation
    sent_at: Mapped[datetime | None]
    skipped_at: Mapped[datetime | None]
    skipped_because: Mapped[str | None]
    failed_at: Mapped[datetime | None]  # given up; an administrator is shown it

    __table_args__ = (
        Index(
            "ix_outbox_mail_waiting",
            "due_at",
            postgresql_where=text("sent_at IS NULL AND skipped_at IS NULL AND failed_at IS NULL"),
            sqlite_where=text("sent_at IS NULL AND skipped_at IS NULL AND failed_at IS NULL"),
        ),
        Index(
            "ix_outbox_mail_failed",
            "failed_at",
            postgresql_where=text("failed_at IS NOT NULL"),
            sqlite_where=text("failed_at IS NOT NULL"),
        ),
        Index("ix_outbox_mail_sent_at", "sent_at"),
    )


class Heartbeat(Base):
    """When each part of the worker was last seen alive."""

    __tablename__ = "heartbeat"

    part: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]

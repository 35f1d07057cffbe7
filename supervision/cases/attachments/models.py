"""Images and PDF that go with a situation: cleaned, then sealed in pieces with the case's key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class Attachment(Base):
    """One file. Its name and type are sealed; only its size and dates are not."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    sealed: Mapped[bytes]  # {"name": …, "type": …}
    size: Mapped[int]  # bytes, after cleaning
    added_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]  # from then on the supervisor sees it, and it stays

    __table_args__ = (Index("ix_attachment_case_id_id", "case_id", "id"),)


class AttachmentPiece(Base):
    """A part of a file, sealed by itself, so that a file is sent without ever being whole in memory."""

    __tablename__ = "attachment_piece"

    attachment_id: Mapped[UUID] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]

"""Opening a case to two members of the deontology committee together, for a written reason and a limited time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class BreakGlass(Base):
    """One asks, another confirms; from then until `until_at` both may read, and the author is told at once."""

    __tablename__ = "break_glass"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    sealed: Mapped[bytes]  # the reason, under the case's key
    hours: Mapped[int]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]  # confirmed_at + hours
    declined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # early
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (CheckConstraint("asked_by <> confirmed_by", name="two_people"),)

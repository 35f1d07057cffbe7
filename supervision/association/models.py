"""The association itself: one row, and what its officers decide for everyone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base


class Association(Base):
    __tablename__ = "association"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str]
    contact_email: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Europe/Paris")  # whose calendar decides what day it is
    feedback_target_days: Mapped[int] = mapped_column(default=14)
    retention_months: Mapped[int] = mapped_column(default=24)  # from the closing of a case to its purge
    accepts_attachments: Mapped[bool] = mapped_column(default=False)
    attachment_max_count: Mapped[int] = mapped_column(default=5)  # for each case
    attachment_max_mb: Mapped[int] = mapped_column(default=10)  # MiB, for each file
    created_at: Mapped[datetime]

    def day_of(self, instant: datetime) -> date:
        """The calendar day of an instant where the association lives."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

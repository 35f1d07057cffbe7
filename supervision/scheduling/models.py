"""Group sessions: as much of them as a situation needs that is opened to one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class GroupSession(Base):
    """A session of several supervisees with one supervisor. Cases opened to it are readable inside its window."""

    __tablename__ = "group_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]  # neutral: it stands in lists
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opens_at: Mapped[datetime]  # the window: from here …
    closes_at: Mapped[datetime]  # … to here, this instant excluded
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        CheckConstraint("opens_at <= starts_at AND ends_at <= closes_at", name="window_around"),
        Index("ix_group_session_supervisor_id_starts_at", "supervisor_id", "starts_at"),
    )


class Seat(Base):
    """A person signed up for a session. Whoever leaves reads nothing more; coming back is a new row."""

    __tablename__ = "seat"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("group_session.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_seat_running",
            "session_id",
            "person_id",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
            sqlite_where=text("left_at IS NULL"),
        ),
    )

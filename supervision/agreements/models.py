"""The supervision agreement: one supervisee, one supervisor, from a day until a day, signed by both."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base
from supervision.ids import new_id
from supervision.people.models import Person


class Agreement(Base):
    __tablename__ = "agreement"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    supervisee_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # the last day; None = until further notice
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    supervisee_signed_at: Mapped[datetime | None]
    supervisor_signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # ended early, or declined before it was signed
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    supervisee: Mapped[Person] = relationship(foreign_keys=supervisee_id)
    supervisor: Mapped[Person] = relationship(foreign_keys=supervisor_id)

    __table_args__ = (
        CheckConstraint("supervisee_id <> supervisor_id", name="two_people"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index("ix_agreement_supervisee_id", "supervisee_id"),
        Index("ix_agreement_supervisor_id", "supervisor_id"),
    )

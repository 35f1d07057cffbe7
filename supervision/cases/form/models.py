"""The form a situation is written with, as data. A published version never changes: old cases keep theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class FormVersion(Base):
    """A published form; the highest number is the one for new cases. `rules` says what a definition holds."""

    __tablename__ = "form_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    definition: Mapped[dict[str, Any]]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: the one Prisme comes with
    published_at: Mapped[datetime]


class FormDraft(Base):
    """The next version while officers word it: one for the association."""

    __tablename__ = "form_draft"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    definition: Mapped[dict[str, Any]]
    revision: Mapped[int]
    edited_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    edited_at: Mapped[datetime]

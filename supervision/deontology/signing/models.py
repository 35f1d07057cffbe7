"""How far somebody has come in reading a version, kept here and not in her browser."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base


class TextShown(Base):
    """The articles of a version that one person was shown, in one language. She stops and comes back as she likes."""

    __tablename__ = "text_shown"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("text_version.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    articles: Mapped[str]  # their slugs, separated by commas
    way: Mapped[str]  # whole: on one page · articles: one by one, at least in part
    begun_at: Mapped[datetime]
    shown_at: Mapped[datetime]  # the latest of them

    __table_args__ = (CheckConstraint("way IN ('whole', 'articles')", name="way_known"),)

"""A situation brought to supervision, what is answered to it, and who has read it.

Every word a person wrote is in a `sealed` column, under the key in `case_key`. What stands beside it (who, when) is
enough to derive the state; there is no state column.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class Case(Base):
    __tablename__ = "case"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    creation_key: Mapped[UUID]  # made with the button: pressing it twice makes one case
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("author_id", "creation_key"),
        Index("ix_case_author_id_id", "author_id", "id"),
    )


class CaseKey(Base):
    """The case's own key, wrapped by a generation of the master key. Without this row the texts are noise."""

    __tablename__ = "case_key"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(index=True)
    wrapped: Mapped[bytes]


class MasterKeyGeneration(Base):
    """A generation that the database relies on, with a value that only the right key opens."""

    __tablename__ = "master_key_generation"

    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    proof: Mapped[bytes]
    began_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]  # no case key is wrapped by it any more


class CaseDraft(Base):
    """What the author is writing. `revision` rises with each save; a save that does not know the last one is told."""

    __tablename__ = "case_draft"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    sealed_title: Mapped[bytes]
    sealed: Mapped[bytes]
    revision: Mapped[int]
    edited_at: Mapped[datetime]


class CaseVersion(Base):
    """What was submitted: never changed."""

    __tablename__ = "case_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed_title: Mapped[bytes]
    sealed: Mapped[bytes]
    submitted_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_case_version_supervisor_id_case_id", "supervisor_id", "case_id"),
    )


class CaseReading(Base):
    """Somebody opened the case. The author sees the list."""

    __tablename__ = "case_reading"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    what: Mapped[str]  # situation | feedback
    read_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("what IN ('situation', 'feedback')", name="what_known"),
        Index("ix_case_reading_case_id_what_reader_id_read_at", "case_id", "what", "reader_id", "read_at"),
    )


class FeedbackDraft(Base):
    __tablename__ = "feedback_draft"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[bytes]
    revision: Mapped[int]
    edited_at: Mapped[datetime]


class Feedback(Base):
    """What the supervisor published: never changed."""

    __tablename__ = "feedback"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"), unique=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    published_at: Mapped[datetime]


class Answer(Base):
    """What the trainee tried, and what came of it: never changed."""

    __tablename__ = "answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), unique=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    answered_at: Mapped[datetime]

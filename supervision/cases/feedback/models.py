"""What is answered to a situation, and the thread that follows. Every word is sealed with the case's key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class FeedbackDraft(Base):
    """What the supervisor is writing, margin notes included; begun on one version, it outlives the next."""

    __tablename__ = "feedback_draft"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[bytes]
    revision: Mapped[int]
    edited_at: Mapped[datetime]


class Feedback(Base):
    """What the supervisor published: never changed.

    It is out from `published_at` on, ten minutes after it was `signed_at`; until then it can be recalled.
    """

    __tablename__ = "feedback"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"))
    attempt: Mapped[int]  # rises when an earlier one was recalled: pressing twice makes one feedback
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    signed_at: Mapped[datetime]
    published_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("version_id", "attempt"),
        Index("ix_feedback_author_id", "author_id"),
    )


class FeedbackRecall(Base):
    """The supervisor took the feedback back in time: nobody else ever saw it."""

    __tablename__ = "feedback_recall"

    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    recalled_at: Mapped[datetime]


class Correction(Base):
    """What the supervisor adds to a published feedback, which itself stays as it is."""

    __tablename__ = "correction"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]


class Answer(Base):
    """What the trainee tried, and what came of it: never changed."""

    __tablename__ = "answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), unique=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    answered_at: Mapped[datetime]


class Message(Base):
    """A word of either side after the answer, until the thread is closed: never changed."""

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    press: Mapped[UUID] = mapped_column(unique=True)  # made with the page: pressing twice sends one
    sealed: Mapped[bytes]
    written_at: Mapped[datetime]

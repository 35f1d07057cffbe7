"""What somebody brings to the committee, for the committee alone: a question about the code, or a referral (*saisine*).

Its words are sealed with a key of its own, as those of a case are.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class Referral(Base):
    __tablename__ = "referral"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]  # question | referral
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("text_version.id"))  # the text a question is about
    article: Mapped[str | None]  # its slug
    opened_at: Mapped[datetime]
    press: Mapped[UUID] = mapped_column(unique=True)  # tells a second press of the same button
    generation: Mapped[int | None] = mapped_column(index=True)  # of the master key that wraps; destroyed with the key
    wrapped: Mapped[bytes | None]
    sealed_title: Mapped[bytes]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)  # by the last conclusion, until it is reopened
    purged_at: Mapped[datetime | None]  # the key is destroyed: what it sealed is noise
    purged_generation: Mapped[int | None]  # of the master key that had wrapped it: backups open until it is forgotten
    purged_key_hash: Mapped[str | None]  # SHA-256 of the wrapped key that was destroyed

    __table_args__ = (
        CheckConstraint("kind IN ('question', 'referral')", name="kind_known"),
        CheckConstraint("(purged_at IS NULL) = (wrapped IS NOT NULL)", name="purged_or_sealed"),
    )


class ReferralEntry(Base):
    """One thing said or done, in order: never changed."""

    __tablename__ = "referral_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    kind: Mapped[str]  # opening | message | step | note (for the committee alone) | conclusion | reopening
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    held_on: Mapped[date | None]  # the day of a step: an interview, a meeting of the committee
    press: Mapped[UUID] = mapped_column(unique=True)
    sealed: Mapped[bytes]

    __table_args__ = (
        CheckConstraint("kind IN ('opening', 'message', 'step', 'note', 'conclusion', 'reopening')", name="kind_known"),
    )


class Recusal(Base):
    """A member of the committee who does not see this referral: named by its author, or by herself."""

    __tablename__ = "referral_recusal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("referral_id", "person_id"),)


class ReferralReading(Base):
    __tablename__ = "referral_reading"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"))
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    read_at: Mapped[datetime]

    __table_args__ = (Index("ix_referral_reading_referral_id_read_at", "referral_id", "read_at"),)

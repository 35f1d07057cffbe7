"""A situation brought to supervision, what is answered to it, and who has read it.

Every word a person wrote is in a `sealed` column, under the key in `case_key`. What stands beside it (who, when) is
enough to derive the state; there is no state column.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    form_version_id: Mapped[UUID] = mapped_column(ForeignKey("form_version.id"))
    revision: Mapped[int]
    edited_at: Mapped[datetime]


class CaseVersion(Base):
    """What was submitted: never changed. A later version stands beside the earlier ones."""

    __tablename__ = "case_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    form_version_id: Mapped[UUID] = mapped_column(ForeignKey("form_version.id"))
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))  # whom it was submitted to
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
    what: Mapped[str]  # situation | feedback | attachment
    read_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("what IN ('situation', 'feedback', 'attachment')", name="what_known"),
        Index("ix_case_reading_case_id_what_reader_id_read_at", "case_id", "what", "reader_id", "read_at"),
    )


class CaseAssignment(Base):
    """Who supervises the case, from when on; the latest row counts. The author chose, or consented."""

    __tablename__ = "case_assignment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    for_this_case: Mapped[bool]  # the author consented to this person for this case, agreement or not
    assigned_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_case_assignment_supervisor_id_case_id", "supervisor_id", "case_id"),
    )


class HandoverProposal(Base):
    """Somebody other than the author proposes another supervisor. Nothing moves until the author consents."""

    __tablename__ = "handover_proposal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    consented_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]  # by the author, or taken back by whoever proposed


class CaseDeadline(Base):
    """Another day for the feedback than the association's target, set by the supervisor; the latest row counts."""

    __tablename__ = "case_deadline"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    due_on: Mapped[date]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class Withdrawal(Base):
    """The author took a version back before anybody had read it."""

    __tablename__ = "withdrawal"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"), primary_key=True)
    withdrawn_at: Mapped[datetime]


class SupplementRequest(Base):
    """The supervisor asks for something that is missing. Until it is given, the author is the one who is waited for."""

    __tablename__ = "supplement_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"))
    number: Mapped[int]  # within the version: two presses of a button make one
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    asked_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("version_id", "number"),)


class Supplement(Base):
    """What the author adds to a submitted version: asked for, or remembered later. The version itself stays."""

    __tablename__ = "supplement"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("case_version.id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("supplement_request.id"), unique=True)
    sealed: Mapped[bytes]
    given_at: Mapped[datetime]


class CaseClosing(Base):
    """The end of a thread; the time after which it is purged counts from here."""

    __tablename__ = "case_closing"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime]
    reopened_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reopened_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_case_closing_open",
            "case_id",
            unique=True,
            postgresql_where=text("reopened_at IS NULL"),
            sqlite_where=text("reopened_at IS NULL"),
        ),
    )


class CaseOpening(Base):
    """The author opens the case to the people of one named group session, inside its window only."""

    __tablename__ = "case_opening"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("group_session.id"), index=True)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # the author changed her mind

    __table_args__ = (
        Index(
            "uq_case_opening_running",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

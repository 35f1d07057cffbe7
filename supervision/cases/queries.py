"""One named select for each question a screen asks. Which cases a person may see is decided in `permissions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, exists, false, func, select
from sqlalchemy.orm import aliased

from supervision.cases.models import (
    Answer,
    Case,
    CaseDraft,
    CaseKey,
    CaseReading,
    CaseVersion,
    Feedback,
    FeedbackDraft,
)
from supervision.cases.rules import CaseFacts, state
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring, WrappedKey
from supervision.db import db
from supervision.people.models import Person

Author = aliased(Person, name="author")
Supervisor = aliased(Person, name="supervisor")
Newer = aliased(CaseVersion, name="newer")


def is_latest() -> ColumnElement[bool]:
    """The version that counts: a case handed to another supervisor has an earlier one."""
    return ~exists().where(Newer.case_id == CaseVersion.case_id, Newer.number > CaseVersion.number)


@dataclass(frozen=True)
class CaseFile:
    """One case with everything that was written to it, still sealed."""

    case: Case
    key: CaseKey
    author: Person
    draft: CaseDraft | None
    version: CaseVersion | None
    supervisor: Person | None
    feedback: Feedback | None
    feedback_draft: FeedbackDraft | None
    answer: Answer | None

    def seal(self, keyring: Keyring) -> CaseSeal:
        return CaseSeal.open(keyring, self.case.id, WrappedKey(self.key.generation, self.key.wrapped))


def case_file(visible: Select[Case], case_id: UUID) -> CaseFile | None:
    """The case if it is among the visible ones."""
    row = db.session.execute(
        visible.where(Case.id == case_id)
        .add_columns(CaseKey, Author, CaseDraft, CaseVersion, Supervisor, Feedback, FeedbackDraft, Answer)
        .join(CaseKey, CaseKey.case_id == Case.id)
        .join(Author, Author.id == Case.author_id)
        .outerjoin(CaseDraft, CaseDraft.case_id == Case.id)
        .outerjoin(CaseVersion, CaseVersion.case_id == Case.id)
        .outerjoin(Supervisor, Supervisor.id == CaseVersion.supervisor_id)
        .outerjoin(Feedback, Feedback.version_id == CaseVersion.id)
        .outerjoin(FeedbackDraft, FeedbackDraft.version_id == CaseVersion.id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .order_by(CaseVersion.number.desc())
        .limit(1)
    ).one_or_none()
    return CaseFile(*row) if row is not None else None


@dataclass(frozen=True)
class CaseLine:
    """A row of a list: the title is open, the text never was."""

    id: UUID
    title: str
    state: str
    since: datetime
    author_name: str
    supervisor_name: str | None


def _first_reading(what: str, reader: ColumnElement[UUID]) -> ScalarSelect[datetime]:
    return (
        select(func.min(CaseReading.read_at))
        .where(CaseReading.case_id == Case.id, CaseReading.what == what, CaseReading.reader_id == reader)
        .correlate(Case, CaseVersion)
        .scalar_subquery()
    )


# Built once: composing it costs more than running it.
_LINES = (
    select(
        Case.id,
        CaseKey.generation,
        CaseKey.wrapped,
        CaseDraft.sealed_title.label("draft_title"),
        CaseDraft.edited_at,
        CaseVersion.id.label("version_id"),
        CaseVersion.sealed_title.label("version_title"),
        CaseVersion.submitted_at,
        Feedback.published_at,
        Answer.answered_at,
        Author.display_name.label("author_name"),
        Supervisor.display_name.label("supervisor_name"),
        _first_reading("situation", CaseVersion.supervisor_id.expression).label("opened_at"),
        _first_reading("feedback", Case.author_id.expression).label("read_at"),
    )
    .join(CaseKey, CaseKey.case_id == Case.id)
    .join(Author, Author.id == Case.author_id)
    .outerjoin(CaseDraft, CaseDraft.case_id == Case.id)
    .outerjoin(CaseVersion, and_(CaseVersion.case_id == Case.id, is_latest()))
    .outerjoin(Supervisor, Supervisor.id == CaseVersion.supervisor_id)
    .outerjoin(Feedback, Feedback.version_id == CaseVersion.id)
    .outerjoin(Answer, Answer.feedback_id == Feedback.id)
    .order_by(Case.id.desc())
)


def case_lines(visible: Select[Case], keyring: Keyring, *, limit: int, before: UUID | None = None) -> list[CaseLine]:
    """Cases from the newest to the oldest, paged by id (ids sort by time). One statement, whatever their number."""
    rows = _LINES.where(visible.whereclause if visible.whereclause is not None else false()).limit(limit)
    if before is not None:
        rows = rows.where(Case.id < before)
    return [_line(row, keyring) for row in db.session.execute(rows)]


def _line(row: Row[*tuple[Any, ...]], keyring: Keyring) -> CaseLine:
    facts = CaseFacts(row.submitted_at, row.opened_at, row.published_at, row.read_at, row.answered_at)
    seal = CaseSeal.open(keyring, row.id, WrappedKey(row.generation, row.wrapped))
    if row.version_id is None:
        title = seal.open_title(row.draft_title, CaseDraft.__tablename__, row.id)
    else:
        title = seal.open_title(row.version_title, CaseVersion.__tablename__, row.version_id)
    since = (
        facts.answered_at
        or facts.read_at
        or facts.published_at
        or facts.opened_at
        or facts.submitted_at
        or row.edited_at
    )
    return CaseLine(row.id, title, state(facts), since, row.author_name, row.supervisor_name)


@dataclass(frozen=True)
class ReadingLine:
    reader_name: str
    what: str
    read_at: datetime
    reader_id: UUID


def readings(case_id: UUID) -> list[ReadingLine]:
    """Every reading of a case, the latest first; `rules.sittings` makes a short list of it."""
    rows = (
        select(Person.display_name, CaseReading.what, CaseReading.read_at, CaseReading.reader_id)
        .join(Person, Person.id == CaseReading.reader_id)
        .where(CaseReading.case_id == case_id)
        .order_by(CaseReading.read_at.desc())
    )
    return [ReadingLine(*row) for row in db.session.execute(rows)]


def creation(author_id: UUID, creation_key: UUID) -> Case | None:
    return db.session.scalar(select(Case).where(Case.author_id == author_id, Case.creation_key == creation_key))


def first_reading(case_id: UUID, what: str, reader_id: UUID) -> datetime | None:
    return db.session.scalar(
        select(func.min(CaseReading.read_at)).where(
            CaseReading.case_id == case_id, CaseReading.what == what, CaseReading.reader_id == reader_id
        )
    )


def is_published(version_id: UUID) -> bool:
    return db.session.scalar(select(Feedback.id).where(Feedback.version_id == version_id)) is not None


def unanswered_versions(submitted_before: datetime) -> Sequence[Row[UUID, UUID, UUID, datetime]]:
    """(case, version, supervisor, submitted) of what waits for its feedback."""
    waiting = (
        select(CaseVersion.case_id, CaseVersion.id, CaseVersion.supervisor_id, CaseVersion.submitted_at)
        .outerjoin(Feedback, Feedback.version_id == CaseVersion.id)
        .where(Feedback.id.is_(None), CaseVersion.submitted_at <= submitted_before, is_latest())
        .order_by(CaseVersion.submitted_at)
    )
    return db.session.execute(waiting).all()


@dataclass(frozen=True)
class PostFacts:
    """What a mail about a case needs to know: dates and people, nothing that was written."""

    author_id: UUID
    submitted_at: datetime
    published_at: datetime | None


def post_facts(case_id: UUID) -> PostFacts:
    row = db.session.execute(
        select(Case.author_id, CaseVersion.submitted_at, Feedback.published_at)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .outerjoin(Feedback, Feedback.version_id == CaseVersion.id)
        .where(Case.id == case_id)
        .order_by(CaseVersion.number.desc())
        .limit(1)
    ).one()
    return PostFacts(*row)

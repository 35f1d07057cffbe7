"""One named select for each question a screen asks. Which cases a person may see is decided in `permissions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, bindparam, exists, false, func, select
from sqlalchemy.orm import aliased

from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackDraft, FeedbackRecall, Message
from supervision.cases.models import (
    Case,
    CaseAssignment,
    CaseClosing,
    CaseDeadline,
    CaseDraft,
    CaseKey,
    CaseOpening,
    CaseReading,
    CaseVersion,
    HandoverProposal,
    Supplement,
    SupplementRequest,
    Withdrawal,
)
from supervision.cases.retention.models import Purge
from supervision.cases.rules import CaseFacts, state, waits_since
from supervision.cases.sealing import CaseSeal, KeyDestroyed
from supervision.crypto import Keyring, WrappedKey
from supervision.db import Instant, db
from supervision.people.models import Person
from supervision.scheduling.models import GroupSession

Author = aliased(Person, name="author")
Supervisor = aliased(Person, name="supervisor")
Newer = aliased(CaseVersion, name="newer")
NewerAssignment = aliased(CaseAssignment, name="newer_assignment")
AnyVersion = aliased(CaseVersion, name="any_version")
Answered = aliased(CaseVersion, name="answered_version")
Next = aliased(CaseVersion, name="next_version")
Given = aliased(Feedback, name="given_feedback")


def is_latest() -> ColumnElement[bool]:
    """The version that counts."""
    return ~exists().where(Newer.case_id == CaseVersion.case_id, Newer.number > CaseVersion.number)


def is_current() -> ColumnElement[bool]:
    """The assignment that counts."""
    newer = NewerAssignment.number > CaseAssignment.number
    return ~exists().where(NewerAssignment.case_id == CaseAssignment.case_id, newer)


def is_recalled() -> ColumnElement[bool]:
    return exists().where(FeedbackRecall.feedback_id == Feedback.id).correlate(Feedback)


def is_withdrawn() -> ColumnElement[bool]:
    return exists().where(Withdrawal.version_id == CaseVersion.id).correlate(CaseVersion)


def is_ungiven() -> ColumnElement[bool]:
    """A supplement that is asked for and was not given."""
    return ~exists().where(Supplement.request_id == SupplementRequest.id).correlate(SupplementRequest)


def is_undecided() -> ColumnElement[bool]:
    """A handover that waits for the author's word. Once the version it was proposed for has its feedback, the next one
    is brought to whom she brings it: the proposal says nothing about that.
    """
    unanswered = and_(HandoverProposal.consented_at.is_(None), HandoverProposal.declined_at.is_(None))
    recalled = exists().where(FeedbackRecall.feedback_id == Given.id)
    brought_again = exists().where(Next.case_id == Answered.case_id, Next.number > Answered.number)
    answered = exists().where(
        Answered.case_id == HandoverProposal.case_id,
        Given.version_id == Answered.id,
        Given.published_at >= HandoverProposal.proposed_at,
        ~recalled.correlate(Given),
        brought_again.correlate(Answered),
    )
    return and_(unanswered, ~answered.correlate(HandoverProposal))


def is_open() -> ColumnElement[bool]:
    """Neither closed nor purged: something may still happen to the case."""
    closed = exists().where(CaseClosing.case_id == Case.id, CaseClosing.reopened_at.is_(None))
    purged = exists().where(Purge.case_id == Case.id)
    return ~closed.correlate(Case) & ~purged.correlate(Case)


def _first_reading(what: str, reader: Any, since: Any) -> ScalarSelect[datetime]:
    return (
        select(func.min(CaseReading.read_at))
        .where(CaseReading.case_id == Case.id, CaseReading.what == what, CaseReading.reader_id == reader)
        .where(CaseReading.read_at >= since)
        .correlate(Case, CaseVersion, CaseAssignment, Feedback)
        .scalar_subquery()
    )


# What the last thing sent to the supervisor was followed by; for selects in which a case stands beside its version.
asked_at_ = (
    select(func.min(SupplementRequest.asked_at))
    .where(SupplementRequest.version_id == CaseVersion.id)
    .where(is_ungiven())
    .correlate(CaseVersion)
    .scalar_subquery()
)
supplemented_at_ = (
    select(func.max(Supplement.given_at))
    .where(Supplement.version_id == CaseVersion.id)
    .correlate(CaseVersion)
    .scalar_subquery()
)
agreed_on_ = (
    select(CaseDeadline.due_on)
    .where(CaseDeadline.case_id == Case.id, CaseDeadline.set_at >= CaseVersion.submitted_at)
    .where(CaseDeadline.set_at >= CaseAssignment.assigned_at)  # what one person announced does not bind the next
    .order_by(CaseDeadline.id.desc())
    .limit(1)
    .correlate(Case, CaseVersion, CaseAssignment)
    .scalar_subquery()
)
_worked = (
    select(func.max(GroupSession.ends_at))
    .join(CaseOpening, CaseOpening.session_id == GroupSession.id)
    .where(CaseOpening.case_id == Case.id, CaseOpening.ended_at.is_(None), GroupSession.cancelled_at.is_(None))
    .where(GroupSession.ends_at <= bindparam("now", type_=Instant))
    .correlate(Case)
    .scalar_subquery()
)
FACTS = (
    CaseVersion.submitted_at,
    Withdrawal.withdrawn_at,
    _first_reading("situation", CaseAssignment.supervisor_id, CaseVersion.submitted_at).label("opened_at"),
    asked_at_.label("asked_at"),
    Feedback.signed_at,
    Feedback.published_at,
    _first_reading("feedback", Case.author_id, Feedback.published_at).label("read_at"),
    Answer.answered_at,
    _worked.label("worked_at"),
    CaseClosing.closed_at,
    Purge.purged_at,
)
CLOCK = (CaseAssignment.assigned_at, supplemented_at_.label("supplemented_at"), agreed_on_.label("agreed_on"))


def with_everything(columns: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A case, its latest version, its present supervisor, and what was answered to that version."""
    return (
        columns.outerjoin(CaseKey, CaseKey.case_id == Case.id)
        .join(Author, Author.id == Case.author_id)
        .outerjoin(CaseDraft, CaseDraft.case_id == Case.id)
        .outerjoin(CaseVersion, and_(CaseVersion.case_id == Case.id, is_latest()))
        .outerjoin(CaseAssignment, and_(CaseAssignment.case_id == Case.id, is_current()))
        .outerjoin(Supervisor, Supervisor.id == CaseAssignment.supervisor_id)
        .outerjoin(Withdrawal, Withdrawal.version_id == CaseVersion.id)
        .outerjoin(Feedback, and_(Feedback.version_id == CaseVersion.id, ~is_recalled()))
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .outerjoin(CaseClosing, and_(CaseClosing.case_id == Case.id, CaseClosing.reopened_at.is_(None)))
        .outerjoin(Purge, Purge.case_id == Case.id)
    )


def waited_for_since(row: Row[*tuple[Any, ...]]) -> datetime | None:
    """Since when the supervisor is waited for."""
    if row.submitted_at is None:
        return None
    submitted_at: datetime = row.submitted_at
    return waits_since(max(submitted_at, row.assigned_at or submitted_at), row.supplemented_at)


# --- one case ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseFile:
    """One case with what counts now, still sealed. What came before is in `history`."""

    case: Case
    key: CaseKey | None
    author: Person
    draft: CaseDraft | None
    version: CaseVersion | None
    assignment: CaseAssignment | None
    supervisor: Person | None
    feedback: Feedback | None  # of the latest version; perhaps not out yet
    feedback_draft: FeedbackDraft | None
    answer: Answer | None
    facts: CaseFacts
    waits_since: datetime | None
    agreed_on: date | None
    others_read_at: datetime | None  # when somebody other than the author first opened the case

    def seal(self, keyring: Keyring) -> CaseSeal:
        """Raises:
        KeyDestroyed: the case is purged.
        """
        if self.key is None:
            raise KeyDestroyed
        return CaseSeal.open(keyring, self.case.id, WrappedKey(self.key.generation, self.key.wrapped))

    def state(self, now: datetime) -> str:
        return state(self.facts, now)

    def is_out(self, now: datetime) -> bool:
        """True once the addressee may read the feedback."""
        return self.feedback is not None and self.feedback.published_at <= now


_FILE = (CaseKey, Author, CaseDraft, CaseVersion, CaseAssignment, Supervisor, Feedback, FeedbackDraft, Answer)


def case_file(visible: Select[Case], case_id: UUID, now: datetime) -> CaseFile | None:
    """The case if it is among the visible ones."""
    others = (
        select(func.min(CaseReading.read_at))
        .where(CaseReading.case_id == Case.id, CaseReading.reader_id != Case.author_id)
        .correlate(Case)
        .scalar_subquery()
    )
    mine = AnyVersion.id == FeedbackDraft.version_id, AnyVersion.case_id == Case.id
    rows: Select[*tuple[Any, ...]] = (
        with_everything(visible.where(Case.id == case_id))
        .outerjoin(FeedbackDraft, and_(FeedbackDraft.author_id == CaseAssignment.supervisor_id, exists().where(*mine)))
        .add_columns(*_FILE, *FACTS, *CLOCK, others.label("others_read_at"))
    )
    row = db.session.execute(rows, {"now": now}).one_or_none()
    if row is None:
        return None
    names = list(CaseFile.__dataclass_fields__)[: 1 + len(_FILE)]  # the case, and what was joined to it
    entities: dict[str, Any] = dict(zip(names, row, strict=False))
    return CaseFile(
        **entities,
        facts=CaseFacts(**{name: getattr(row, name) for name in CaseFacts.__dataclass_fields__}),
        waits_since=waited_for_since(row),
        agreed_on=row.agreed_on,
        others_read_at=row.others_read_at,
    )


def open_request(version_id: UUID) -> SupplementRequest | None:
    """The supplement that is asked of the author and not given."""
    asked = select(SupplementRequest).where(SupplementRequest.version_id == version_id, is_ungiven())
    return db.session.scalar(asked.limit(1))


def open_proposal(case_id: UUID) -> HandoverProposal | None:
    """The handover that waits for the author's word."""
    proposals = select(HandoverProposal).where(HandoverProposal.case_id == case_id, is_undecided())
    return db.session.scalar(proposals.order_by(HandoverProposal.id.desc()).limit(1))


# --- lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseLine:
    """A row of a list: the title is open, the text never was."""

    id: UUID
    title: str
    state: str
    since: datetime
    author_name: str
    supervisor_name: str | None
    waits_since: datetime | None
    agreed_on: date | None
    has_draft: bool


# Built once: composing it costs more than running it. Wants the bind « now ».
LINES: Select[*tuple[Any, ...]] = with_everything(
    select(
        Case.id,
        CaseKey.generation,
        CaseKey.wrapped,
        CaseDraft.sealed_title.label("draft_title"),
        CaseDraft.edited_at,
        CaseVersion.id.label("version_id"),
        CaseVersion.sealed_title.label("version_title"),
        Author.display_name.label("author_name"),
        Supervisor.display_name.label("supervisor_name"),
        *FACTS,
        *CLOCK,
    )
).order_by(Case.id.desc())


def case_lines(
    visible: Select[Case], keyring: Keyring, now: datetime, *, limit: int, before: UUID | None = None
) -> list[CaseLine]:
    """Cases from the newest to the oldest, paged by id (ids sort by time). One statement, whatever their number."""
    rows = LINES.where(visible.whereclause if visible.whereclause is not None else false()).limit(limit)
    if before is not None:
        rows = rows.where(Case.id < before)
    return [line_of(row, keyring, now) for row in db.session.execute(rows, {"now": now})]


def line_of(row: Row[*tuple[Any, ...]], keyring: Keyring, now: datetime) -> CaseLine:
    facts = CaseFacts(**{name: getattr(row, name) for name in CaseFacts.__dataclass_fields__})
    out_at = facts.published_at if facts.published_at and facts.published_at <= now else None
    dates = (facts.purged_at, facts.closed_at, facts.answered_at, facts.read_at, out_at, facts.asked_at)
    earlier = (facts.opened_at, facts.withdrawn_at, facts.submitted_at, row.edited_at)
    return CaseLine(
        id=row.id,
        title=_title(row, keyring),
        state=state(facts, now),
        since=next(instant for instant in (*dates, *earlier) if instant is not None),
        author_name=row.author_name,
        supervisor_name=row.supervisor_name,
        waits_since=waited_for_since(row),
        agreed_on=row.agreed_on,
        has_draft=row.edited_at is not None,
    )


def _title(row: Row[*tuple[Any, ...]], keyring: Keyring) -> str:
    """Empty where the key was destroyed."""
    if row.wrapped is None:
        return ""
    seal = CaseSeal.open(keyring, row.id, WrappedKey(row.generation, row.wrapped))
    if row.version_id is None:
        return seal.open_title(row.draft_title, CaseDraft.__tablename__, row.id)
    return seal.open_title(row.version_title, CaseVersion.__tablename__, row.version_id)


def is_unanswered() -> tuple[ColumnElement[bool], ...]:
    """A latest version under its present assignment that has no feedback, not even one that may be recalled."""
    answered = exists().where(Feedback.version_id == CaseVersion.id, ~is_recalled())
    closed = exists().where(CaseClosing.case_id == CaseVersion.case_id, CaseClosing.reopened_at.is_(None))
    purged = exists().where(Purge.case_id == CaseVersion.case_id)
    ended = (there_is.correlate(CaseVersion) for there_is in (answered, closed, purged))
    # What most cases are comes first: SQLite asks in this order, and asks no more once one answer is no.
    return *(~there_is for there_is in ended), is_latest(), is_current(), ~is_withdrawn()


# --- readings ---------------------------------------------------------------------------------------------------------


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


def has_read_since(case_id: UUID, what: str, reader_id: UUID, since: datetime) -> bool:
    reading = select(CaseReading.id).where(
        CaseReading.case_id == case_id,
        CaseReading.what == what,
        CaseReading.reader_id == reader_id,
        CaseReading.read_at >= since,
    )
    return db.session.scalar(reading.limit(1)) is not None


def latest_news_at(case_id: UUID, feedback: Feedback | None, reader_id: UUID) -> datetime | None:
    """When the other side last published (the feedback that is out, if any), corrected or wrote something."""
    of_feedback = Correction.feedback_id == feedback.id if feedback else false()
    corrected = select(func.max(Correction.made_at)).where(of_feedback)
    written = select(func.max(Message.written_at)).where(Message.case_id == case_id, Message.author_id != reader_id)
    dates = db.session.execute(select(corrected.scalar_subquery(), written.scalar_subquery())).one()
    news: list[datetime | None] = [feedback.published_at if feedback else None, *dates]
    return max((instant for instant in news if instant is not None), default=None)


def was_read_by_others(case_id: UUID) -> bool:
    others = select(CaseReading.id).join(Case, CaseReading.reader_id != Case.author_id)
    return db.session.scalar(others.where(Case.id == case_id, CaseReading.case_id == case_id).limit(1)) is not None


def is_taken_back(version_id: UUID) -> bool:
    return db.session.get(Withdrawal, version_id, populate_existing=True) is not None


def hold_key(case_id: UUID, *, shared: bool = False) -> bool:
    """Wait for whoever holds the case's key, and keep others waiting until the commit; False if it is destroyed."""
    key = select(CaseKey.case_id).where(CaseKey.case_id == case_id)
    return db.session.scalar(key.with_for_update(read=shared)) is not None


def creation(author_id: UUID, creation_key: UUID) -> Case | None:
    return db.session.scalar(select(Case).where(Case.author_id == author_id, Case.creation_key == creation_key))

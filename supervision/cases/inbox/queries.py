"""What lies on a supervisor's desk: one statement over everything that waits for an act of hers, or may be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Row, Select, cast, exists, false, func, literal, null, select, union_all

from supervision.cases import queries as cases
from supervision.cases.feedback.models import Answer, Feedback, FeedbackDraft, Message
from supervision.cases.inbox.rules import DRAFTS, SENT, SUPPLEMENT, TO_ANSWER, TO_READ, Lying
from supervision.cases.models import Case, CaseAssignment, CaseReading, CaseVersion
from supervision.cases.queries import CaseLine
from supervision.cases.rules import awaited_at, waits_since
from supervision.crypto import Keyring
from supervision.db import Instant, db

Rows = Select[*tuple[Any, ...]]


def on_the_desk(reader_id: UUID, visible: Select[Case], *, target_days: int, now: datetime) -> list[Lying]:
    """Everything, in no order; a case may lie under several tabs. `target_days` as the association has it."""
    selects = (
        _waiting(reader_id, visible),
        _drafts(reader_id, visible),
        _sent(reader_id, visible, now),
        *_to_read(reader_id, visible),
    )
    return [_lying(row, target_days) for row in db.session.execute(union_all(*selects))]


def lines_of(visible: Select[Case], rows: Sequence[Lying], keyring: Keyring, now: datetime) -> dict[UUID, CaseLine]:
    """What a page of rows shows of each case, by its id."""
    wanted = visible.where(Case.id.in_([row.case_id for row in rows]))
    return {line.id: line for line in cases.case_lines(wanted, keyring, now, limit=len(rows))} if rows else {}


def _lying(row: Row[*tuple[Any, ...]], target_days: int) -> Lying:
    if row.tab != TO_ANSWER:
        return Lying(row.tab, row.case_id, row.since, row.due)
    if row.asked_at is not None:
        return Lying(SUPPLEMENT, row.case_id, row.asked_at)
    since = waits_since(max(row.since, row.assigned_at), row.supplemented_at)
    due = awaited_at(since=since, target_days=target_days, agreed_on=row.agreed_on)
    return Lying(TO_ANSWER, row.case_id, since, due)


def _row(tab: str, since: Any, due: Any = None, *clock: Any) -> list[Any]:
    """The columns of one row; every select yields these, and the clock only where somebody waits."""
    never = cast(null(), Instant)
    assigned_at, asked_at, supplemented_at, agreed_on = clock or (never, never, never, cast(null(), Date))
    return [
        literal(tab).label("tab"),
        Case.id.label("case_id"),
        since.label("since"),
        (never if due is None else due).label("due"),
        assigned_at.label("assigned_at"),
        asked_at.label("asked_at"),
        supplemented_at.label("supplemented_at"),
        agreed_on.label("agreed_on"),
    ]


def _waiting(reader_id: UUID, visible: Select[Case]) -> Rows:
    clock = CaseAssignment.assigned_at, cases.asked_at_, cases.supplemented_at_, cases.agreed_on_
    return waiting(reader_id, visible).with_only_columns(*_row(TO_ANSWER, CaseVersion.submitted_at, None, *clock))


def _few(case_ids: Select[UUID], visible: Select[Case]) -> Rows:
    """Of the cases that are in question, those that are visible: who may see what is asked of few cases, not of all."""
    may_be_seen = visible.whereclause if visible.whereclause is not None else false()
    return select(Case).where(Case.id.in_(case_ids.correlate(None)), may_be_seen)


def waiting(reader_id: UUID, visible: Select[Case]) -> Rows:
    """Cases that wait for her feedback, or for a supplement she asked for."""
    unanswered = (
        select(CaseVersion.case_id)
        .join(CaseAssignment, CaseAssignment.case_id == CaseVersion.case_id)
        .where(CaseAssignment.supervisor_id == reader_id, *cases.is_unanswered())
    )
    return (
        _few(unanswered, visible)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(CaseAssignment, CaseAssignment.case_id == Case.id)
        .where(cases.is_latest(), cases.is_current())
    )


def _drafts(reader_id: UUID, visible: Select[Case]) -> Rows:
    begun = select(CaseVersion.case_id).join(FeedbackDraft, FeedbackDraft.version_id == CaseVersion.id)
    mine = (
        _few(begun.where(FeedbackDraft.author_id == reader_id), visible)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(FeedbackDraft, FeedbackDraft.version_id == CaseVersion.id)
        .where(FeedbackDraft.author_id == reader_id, cases.is_open())
    )
    return mine.with_only_columns(*_row(DRAFTS, FeedbackDraft.edited_at))


def _sent(reader_id: UUID, visible: Select[Case], now: datetime) -> Rows:
    standing = Feedback.author_id == reader_id, Feedback.published_at > now, ~cases.is_recalled()
    sent = select(CaseVersion.case_id).join(Feedback, Feedback.version_id == CaseVersion.id).where(*standing)
    mine = (
        _few(sent, visible)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(Feedback, Feedback.version_id == CaseVersion.id)
        .where(*standing)
    )
    return mine.with_only_columns(*_row(SENT, Feedback.signed_at, Feedback.published_at))


def _to_read(reader_id: UUID, visible: Select[Case]) -> tuple[Rows, Rows]:
    answers, messages = unread_answers(reader_id, visible), unread_messages(reader_id, visible)
    return (
        answers.with_only_columns(*_row(TO_READ, Answer.answered_at)),
        messages.with_only_columns(*_row(TO_READ, func.min(Message.written_at))).group_by(Case.id),
    )


def unread_answers(reader_id: UUID, visible: Select[Case]) -> Rows:
    """Answers to a feedback of hers, since which she has not opened the case."""
    seen = exists().where(
        CaseReading.case_id == CaseVersion.case_id,
        CaseReading.what == "situation",
        CaseReading.reader_id == reader_id,
        CaseReading.read_at >= Answer.answered_at,
    )
    unseen = (
        select(CaseVersion.case_id)
        .join(Feedback, Feedback.version_id == CaseVersion.id)
        .join(Answer, Answer.feedback_id == Feedback.id)
        .where(Feedback.author_id == reader_id, ~seen)
    )
    return (
        _few(unseen, visible)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(Feedback, Feedback.version_id == CaseVersion.id)
        .join(Answer, Answer.feedback_id == Feedback.id)
        .where(cases.is_latest(), ~cases.is_withdrawn(), ~cases.is_recalled(), cases.is_open())
    )


def unread_messages(reader_id: UUID, visible: Select[Case]) -> Rows:
    """Words of the other side since the reader last opened the case."""
    seen = exists().where(
        CaseReading.case_id == Message.case_id,
        CaseReading.reader_id == reader_id,
        CaseReading.read_at >= Message.written_at,
    )
    unseen = visible.join(Message, Message.case_id == Case.id)
    return unseen.where(Message.author_id != reader_id, ~seen, cases.is_open())

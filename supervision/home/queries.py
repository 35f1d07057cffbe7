"""What waits for me, and since when: one statement over every room's waiting rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, case, cast, exists, func, literal, null, or_, select, union_all

from supervision.agreements.models import Agreement
from supervision.agreements.queries import runs_on
from supervision.cases import queries as cases
from supervision.cases.models import Answer, Case, CaseDraft, CaseReading, CaseVersion, Feedback
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person, RoleGrant
from supervision.people.viewer import Viewer
from supervision.permissions import own_cases, supervised_cases, visible_cases

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for one act."""

    kind: str
    subject_id: UUID | None
    since: datetime
    due: datetime | None
    title: str | None
    other_name: str | None


def what_waits(me: Viewer, today: date, keyring: Keyring, *, target: timedelta, limit: int = 50) -> list[Waiting]:
    """Everything that waits for this person, the longest wait first. Two statements, whatever the number of rows."""
    selects = [
        *_as_author(me),
        _stranded(me, today),
        *_as_supervisor(me, today),
        *_as_side(me, today),
        *_as_officer(me),
    ]
    rows = db.session.execute(union_all(*selects).order_by("since").limit(limit)).all()
    titles = _titles(me, today, keyring, [row.subject_id for row in rows if row.kind in CASE_KINDS])
    return [
        Waiting(
            kind=row.kind,
            subject_id=row.subject_id,
            since=row.since,
            due=row.since + target if row.kind == "feedback-to-write" else None,
            title=titles.get(row.subject_id),
            other_name=row.other_name,
        )
        for row in rows
    ]


CASE_KINDS = {"draft", "case-stranded", "feedback-to-write", "feedback-to-read", "answer-to-write", "answer-to-read"}


def _row(kind: str | ColumnElement[str], subject: Any, since: Any, other: Any = None) -> list[ColumnElement[Any]]:
    """The columns of one waiting thing; every select below yields these four."""
    name = null() if other is None else other
    what = literal(kind) if isinstance(kind, str) else kind
    return [what.label("kind"), subject.label("subject_id"), since.label("since"), name.label("other_name")]


def _as_author(me: Viewer) -> list[Rows]:
    drafts = own_cases(me).join(CaseDraft, CaseDraft.case_id == Case.id)
    unanswered = (
        own_cases(me)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(Feedback, Feedback.version_id == CaseVersion.id)
        .join(Person, Person.id == Feedback.author_id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .where(Answer.id.is_(None))
    )
    read = exists().where(
        CaseReading.case_id == Case.id, CaseReading.what == "feedback", CaseReading.reader_id == me.id
    )
    kind = case((read, "answer-to-write"), else_="feedback-to-read")
    return [
        drafts.with_only_columns(*_row("draft", Case.id, CaseDraft.edited_at)),
        unanswered.with_only_columns(*_row(kind, Case.id, Feedback.published_at, Person.display_name)),
    ]


def _stranded(me: Viewer, today: date) -> Rows:
    """My unanswered cases whose supervisor cannot read them any more."""
    reads = exists().where(
        Agreement.supervisee_id == me.id, Agreement.supervisor_id == CaseVersion.supervisor_id, runs_on(today)
    )
    waiting = (
        own_cases(me)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(Person, Person.id == CaseVersion.supervisor_id)
        .where(cases.is_latest(), ~exists().where(Feedback.version_id == CaseVersion.id))
        .where(or_(Person.deactivated_at.is_not(None), ~reads))
    )
    return waiting.with_only_columns(*_row("case-stranded", Case.id, CaseVersion.submitted_at, Person.display_name))


def _as_supervisor(me: Viewer, today: date) -> list[Rows]:
    if not me.holds("supervisor"):
        return []
    received = supervised_cases(me, today).join(CaseVersion, CaseVersion.case_id == Case.id)
    to_write = (
        received.join(Person, Person.id == Case.author_id)
        .where(CaseVersion.supervisor_id == me.id, cases.is_latest())
        .where(~exists().where(Feedback.version_id == CaseVersion.id))
    )
    seen = exists().where(
        CaseReading.case_id == CaseVersion.case_id,
        CaseReading.what == "situation",
        CaseReading.reader_id == me.id,
        CaseReading.read_at >= Answer.answered_at,
    )
    unseen = (  # first, so that only these few are asked whether they may still be seen
        select(CaseVersion.case_id)
        .join(Feedback, Feedback.version_id == CaseVersion.id)
        .join(Answer, Answer.feedback_id == Feedback.id)
        .where(CaseVersion.supervisor_id == me.id, Feedback.author_id == me.id, ~seen)
    )
    answered = (
        received.join(Feedback, Feedback.version_id == CaseVersion.id)
        .join(Answer, Answer.feedback_id == Feedback.id)
        .join(Person, Person.id == Answer.author_id)
        .where(Case.id.in_(unseen))
    )
    return [
        to_write.with_only_columns(*_row("feedback-to-write", Case.id, CaseVersion.submitted_at, Person.display_name)),
        answered.with_only_columns(*_row("answer-to-read", Case.id, Answer.answered_at, Person.display_name)),
    ]


def _as_side(me: Viewer, today: date) -> list[Rows]:
    """One select for each side: a single one with « or » would use neither index."""
    row = select(*_row("agreement-to-sign", Agreement.id, Agreement.proposed_at)).where(
        Agreement.ended_at.is_(None), or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today)
    )
    return [
        row.where(Agreement.supervisee_id == me.id, Agreement.supervisee_signed_at.is_(None)),
        row.where(Agreement.supervisor_id == me.id, Agreement.supervisor_signed_at.is_(None)),
    ]


def _as_officer(me: Viewer) -> list[Rows]:
    if not me.holds("administrator"):
        return []
    offices = (
        select(*_row("office-to-confirm", RoleGrant.person_id, RoleGrant.granted_at, Person.display_name))
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.confirmed_at.is_(None), RoleGrant.ended_at.is_(None))
        .where(RoleGrant.granted_by != me.id, RoleGrant.person_id != me.id)
    )
    gone_wrong = func.min(OutboxMail.failed_at)  # one line for all: an outage must not hide everything else
    failed = select(*_row("mail-failed", cast(null(), Uuid), gone_wrong)).having(gone_wrong.is_not(None))
    return [offices, failed.where(OutboxMail.failed_at.is_not(None))]


def _titles(me: Viewer, today: date, keyring: Keyring, case_ids: list[UUID]) -> dict[UUID, str]:
    if not case_ids:
        return {}
    wanted = visible_cases(me, today).where(Case.id.in_(case_ids))
    return {line.id: line.title for line in cases.case_lines(wanted, keyring, limit=len(case_ids))}

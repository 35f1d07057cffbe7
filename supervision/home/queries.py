"""What waits for me, and since when: one statement over every room's waiting rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, null, or_, select, union_all

from supervision.agreements.models import Agreement
from supervision.cases import queries as cases
from supervision.cases.models import Answer, Case, CaseDraft, CaseReading, CaseVersion, Feedback
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person, RoleGrant
from supervision.people.viewer import Viewer
from supervision.permissions import own_cases, supervised_cases, visible_cases


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
    selects = [*_as_author(me), *_as_supervisor(me, today), *_as_side(me), *_as_officer(me)]
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


CASE_KINDS = {"draft", "feedback-to-write", "feedback-to-read", "answer-to-write", "answer-to-read"}


def _row(kind: str, subject: object, since: object, other: object = None) -> Select[*tuple[Any, ...]]:
    return select(
        literal(kind).label("kind"),
        subject.label("subject_id"),  # type: ignore[attr-defined]
        since.label("since"),  # type: ignore[attr-defined]
        (null() if other is None else other).label("other_name"),  # type: ignore[attr-defined]
    )


def _as_author(me: Viewer) -> list[Select[*tuple[Any, ...]]]:
    mine = own_cases(me).with_only_columns(Case.id)
    read = select(CaseReading.id).where(
        CaseReading.case_id == CaseVersion.case_id, CaseReading.what == "feedback", CaseReading.reader_id == me.id
    )
    feedback = (
        _row("feedback-to-read", CaseVersion.case_id, Feedback.published_at, Person.display_name)
        .select_from(Feedback)
        .join(CaseVersion, CaseVersion.id == Feedback.version_id)
        .join(Person, Person.id == Feedback.author_id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .where(CaseVersion.case_id.in_(mine), Answer.id.is_(None))
    )
    return [
        _row("draft", CaseDraft.case_id, CaseDraft.edited_at).where(CaseDraft.case_id.in_(mine)),
        feedback.where(~read.exists()),
        feedback.with_only_columns(
            literal("answer-to-write").label("kind"),
            CaseVersion.case_id.label("subject_id"),
            Feedback.published_at.label("since"),
            Person.display_name.label("other_name"),
        ).where(read.exists()),
    ]


def _as_supervisor(me: Viewer, today: date) -> list[Select[*tuple[Any, ...]]]:
    received = supervised_cases(me, today).with_only_columns(Case.id)
    to_write = (
        _row("feedback-to-write", CaseVersion.case_id, CaseVersion.submitted_at, Person.display_name)
        .select_from(CaseVersion)
        .join(Case, Case.id == CaseVersion.case_id)
        .join(Person, Person.id == Case.author_id)
        .outerjoin(Feedback, Feedback.version_id == CaseVersion.id)
        .where(CaseVersion.case_id.in_(received), CaseVersion.supervisor_id == me.id, Feedback.id.is_(None))
    )
    seen = select(CaseReading.id).where(
        CaseReading.case_id == CaseVersion.case_id,
        CaseReading.reader_id == me.id,
        CaseReading.read_at >= Answer.answered_at,
    )
    answered = (
        _row("answer-to-read", CaseVersion.case_id, Answer.answered_at, Person.display_name)
        .select_from(Answer)
        .join(Feedback, Feedback.id == Answer.feedback_id)
        .join(CaseVersion, CaseVersion.id == Feedback.version_id)
        .join(Person, Person.id == Answer.author_id)
        .where(CaseVersion.case_id.in_(received), Feedback.author_id == me.id, ~seen.exists())
    )
    return [to_write, answered] if me.holds("supervisor") else []


def _as_side(me: Viewer) -> list[Select[*tuple[Any, ...]]]:
    mine = or_(
        (Agreement.supervisee_id == me.id) & Agreement.supervisee_signed_at.is_(None),
        (Agreement.supervisor_id == me.id) & Agreement.supervisor_signed_at.is_(None),
    )
    return [_row("agreement-to-sign", Agreement.id, Agreement.proposed_at).where(mine, Agreement.ended_at.is_(None))]


def _as_officer(me: Viewer) -> list[Select[*tuple[Any, ...]]]:
    if not me.holds("administrator"):
        return []
    offices = (
        _row("office-to-confirm", RoleGrant.person_id, RoleGrant.granted_at, Person.display_name)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.confirmed_at.is_(None), RoleGrant.ended_at.is_(None))
        .where(RoleGrant.granted_by != me.id, RoleGrant.person_id != me.id)
    )
    failed = _row("mail-failed", OutboxMail.id, OutboxMail.failed_at).where(OutboxMail.failed_at.is_not(None))
    return [offices, failed]


def _titles(me: Viewer, today: date, keyring: Keyring, case_ids: list[UUID]) -> dict[UUID, str]:
    if not case_ids:
        return {}
    wanted = visible_cases(me, today).where(Case.id.in_(case_ids))
    return {line.id: line.title for line in cases.case_lines(wanted, keyring, limit=len(case_ids))}

"""What was answered to a case, in all its rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, literal, select, union_all

from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackRecall, Message
from supervision.cases.models import Case, CaseVersion, Supplement, SupplementRequest
from supervision.cases.queries import is_recalled, is_withdrawn
from supervision.db import db
from supervision.people.models import Person


def is_published(version_id: UUID) -> bool:
    """True if this version has a feedback that was not recalled, out or not."""
    standing = select(Feedback.id).where(Feedback.version_id == version_id, ~is_recalled())
    return db.session.scalar(standing.limit(1)) is not None


def was_recalled(feedback_id: UUID) -> bool:
    return db.session.get(FeedbackRecall, feedback_id) is not None


def attempts(version_id: UUID) -> int:
    """How often the feedback to this version was recalled: the number of the next attempt."""
    recalled = (
        select(func.count())
        .select_from(FeedbackRecall)
        .join(Feedback, Feedback.id == FeedbackRecall.feedback_id)
        .where(Feedback.version_id == version_id)
    )
    return db.session.scalar(recalled) or 0


def history(case_id: UUID) -> list[tuple[CaseVersion, Feedback | None, str | None, Answer | None]]:
    """(version, its feedback, who wrote that, the answer), from the first version on, without what was taken back."""
    rows = (
        select(CaseVersion, Feedback, Person.display_name, Answer)
        .select_from(CaseVersion)
        .outerjoin(Feedback, and_(Feedback.version_id == CaseVersion.id, ~is_recalled()))
        .outerjoin(Person, Person.id == Feedback.author_id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .where(CaseVersion.case_id == case_id, ~is_withdrawn())
        .order_by(CaseVersion.number)
    )
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(rows)]


@dataclass(frozen=True)
class SaidLine:
    """A short piece of the thread, still sealed. `belongs_to` is a version, a feedback or the case."""

    kind: str  # the table it is sealed for
    id: UUID
    belongs_to: UUID
    by: str
    sealed: bytes
    at: datetime


def said(case_id: UUID) -> list[SaidLine]:
    """Everything that follows the versions and feedbacks of a case, in order of time. One statement."""
    by_case = CaseVersion.case_id == case_id
    author = select(Case.author_id).where(Case.id == case_id).scalar_subquery()
    pieces = union_all(
        _said(SupplementRequest, SupplementRequest.version_id, SupplementRequest.asked_by, SupplementRequest.asked_at)
        .join(CaseVersion, CaseVersion.id == SupplementRequest.version_id)
        .where(by_case),
        _said(Supplement, Supplement.version_id, author, Supplement.given_at)
        .join(CaseVersion, CaseVersion.id == Supplement.version_id)
        .where(by_case),
        _said(Correction, Correction.feedback_id, Correction.author_id, Correction.made_at)
        .join(Feedback, Feedback.id == Correction.feedback_id)
        .join(CaseVersion, CaseVersion.id == Feedback.version_id)
        .where(by_case),
        _said(Message, Message.case_id, Message.author_id, Message.written_at).where(Message.case_id == case_id),
    ).subquery()
    columns = (pieces.c.kind, pieces.c.id, pieces.c.belongs_to, Person.display_name, pieces.c.sealed, pieces.c.at)
    rows = (
        select(*columns)
        .select_from(pieces)
        .join(Person, Person.id == pieces.c.by_id)
        .order_by(pieces.c.at, pieces.c.id)
    )
    return [SaidLine(*row) for row in db.session.execute(rows)]


def _said(model: Any, belongs_to: Any, by_id: Any, at: Any) -> Select[*tuple[Any, ...]]:
    kind = literal(model.__tablename__).label("kind")
    return select(
        kind, model.id, belongs_to.label("belongs_to"), by_id.label("by_id"), model.sealed, at.label("at")
    ).select_from(model)

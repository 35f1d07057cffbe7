"""What was answered to a case, in all its rounds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, select

from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackRecall, Message
from supervision.cases.models import CaseVersion
from supervision.db import db
from supervision.people.models import Person


def is_published(version_id: UUID) -> bool:
    """True if this version has a feedback that was not recalled, out or not."""
    recalled = exists().where(FeedbackRecall.feedback_id == Feedback.id)
    standing = select(Feedback.id).where(Feedback.version_id == version_id, ~recalled)
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


def rounds(case_id: UUID) -> Sequence[tuple[Feedback, Person, Answer | None, int]]:
    """(feedback, its author, answer, number of the version) that were not recalled, in the order of versions."""
    recalled = exists().where(FeedbackRecall.feedback_id == Feedback.id)
    rows = (
        select(Feedback, Person, Answer, CaseVersion.number)
        .join(CaseVersion, CaseVersion.id == Feedback.version_id)
        .join(Person, Person.id == Feedback.author_id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .where(CaseVersion.case_id == case_id, ~recalled)
        .order_by(CaseVersion.number)
    )
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(rows)]


def corrections(feedback_ids: Sequence[UUID]) -> Sequence[Correction]:
    rows = select(Correction).where(Correction.feedback_id.in_(feedback_ids)).order_by(Correction.made_at)
    return db.session.scalars(rows).all() if feedback_ids else []


def messages(case_id: UUID) -> Sequence[tuple[Message, Person]]:
    rows = select(Message, Person).join(Person, Person.id == Message.author_id)
    rows = rows.where(Message.case_id == case_id).order_by(Message.written_at)
    return [(row[0], row[1]) for row in db.session.execute(rows)]

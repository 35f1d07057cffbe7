"""What screens and doors ask about the code."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from supervision.db import db
from supervision.deontology.models import Acknowledgement, CodeVersion


def version_in_force(today: date, *, with_articles: bool = False) -> CodeVersion | None:
    """The published version whose effective day came last."""
    latest = (
        select(CodeVersion).where(CodeVersion.effective_on <= today).order_by(CodeVersion.effective_on.desc()).limit(1)
    )
    if with_articles:
        latest = latest.options(selectinload(CodeVersion.articles))
    return db.session.scalar(latest)


def version_by_number(number: int) -> CodeVersion | None:
    return db.session.scalar(
        select(CodeVersion).where(CodeVersion.number == number).options(selectinload(CodeVersion.articles))
    )


def answer_to(version_id: UUID, person_id: UUID) -> Acknowledgement | None:
    """The latest answer: somebody who refused may sign later."""
    return db.session.scalar(
        select(Acknowledgement)
        .where(Acknowledgement.version_id == version_id, Acknowledgement.person_id == person_id)
        .order_by(Acknowledgement.answered_at.desc())
        .limit(1)
    )


def has_signed_code(person_id: UUID, today: date) -> bool:
    """True if the person signed the newest major version in force, or a later one; false where there is no code."""
    newest_major = (
        select(func.max(CodeVersion.effective_on))
        .where(CodeVersion.effective_on <= today, CodeVersion.kind == "major")
        .scalar_subquery()
    )
    signed = (
        select(Acknowledgement.id)
        .join(CodeVersion)
        .where(
            Acknowledgement.person_id == person_id,
            Acknowledgement.answer == "signed",
            CodeVersion.effective_on >= newest_major,
        )
    )
    return db.session.scalar(signed.limit(1)) is not None

"""What screens and doors ask about the texts to accept and the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from supervision.db import db
from supervision.deontology.models import Acknowledgement, TextKind, TextVersion
from supervision.deontology.rules import CODE


def kinds() -> Sequence[TextKind]:
    """Every text that is still asked for, the code first."""
    return db.session.scalars(select(TextKind).where(TextKind.retired_at.is_(None)).order_by(TextKind.position)).all()


def kind(slug: str) -> TextKind | None:
    return db.session.get(TextKind, slug)


def version_in_force(today: date, kind: str = CODE, *, with_articles: bool = False) -> TextVersion | None:
    """The published version whose effective day came last."""
    latest = (
        select(TextVersion)
        .where(TextVersion.kind == kind, TextVersion.effective_on <= today)
        .order_by(TextVersion.effective_on.desc())
        .limit(1)
    )
    if with_articles:
        latest = latest.options(selectinload(TextVersion.articles))
    return db.session.scalar(latest)


def version_by_number(number: int, kind: str = CODE) -> TextVersion | None:
    version = select(TextVersion).where(TextVersion.kind == kind, TextVersion.number == number)
    return db.session.scalar(version.options(selectinload(TextVersion.articles)))


def versions(kind: str = CODE) -> Sequence[TextVersion]:
    """All published ones, the newest first, without their articles."""
    published = select(TextVersion).where(TextVersion.kind == kind)
    return db.session.scalars(published.order_by(TextVersion.number.desc())).all()


def answer_to(version_id: UUID, person_id: UUID) -> Acknowledgement | None:
    """The latest answer: somebody who refused may sign later."""
    return db.session.scalar(
        select(Acknowledgement)
        .where(Acknowledgement.version_id == version_id, Acknowledgement.person_id == person_id)
        .order_by(Acknowledgement.number.desc())
        .limit(1)
    )


def last_answer() -> Acknowledgement | None:
    """The end of the chain."""
    return db.session.scalar(select(Acknowledgement).order_by(Acknowledgement.number.desc()).limit(1))


def newest_major(today: date, kind: str = CODE) -> TextVersion | None:
    """The version that asks for a signature."""
    majors = select(TextVersion).where(TextVersion.kind == kind, TextVersion.change == "major")
    return db.session.scalar(
        majors.where(TextVersion.effective_on <= today).order_by(TextVersion.effective_on.desc()).limit(1)
    )


def has_signed(person_id: UUID, today: date, kind: str = CODE) -> bool:
    """True if the person's signature of the newest major version in force, or of a later one, stands."""
    major = newest_major(today, kind)
    return major is not None and signature(person_id, major) is not None


def signature(person_id: UUID, major: TextVersion) -> Acknowledgement | None:
    """The person's standing signature of this version or of a minor one after it; the last answer to each counts."""
    newer = select(func.max(Acknowledgement.number)).join_from(Acknowledgement, TextVersion)
    newer = newer.where(
        Acknowledgement.person_id == person_id,
        TextVersion.kind == major.kind,
        TextVersion.effective_on >= major.effective_on,
        Acknowledgement.answer != "informed",
    ).group_by(Acknowledgement.version_id)
    standing = select(Acknowledgement).where(Acknowledgement.number.in_(newer), Acknowledgement.answer == "signed")
    return db.session.scalar(standing.order_by(Acknowledgement.number.desc()).limit(1))

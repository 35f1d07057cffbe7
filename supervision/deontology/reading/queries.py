"""What readers ask of texts: what is in force of each, where an article is found, what they have signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from supervision.db import db
from supervision.deontology.models import Acknowledgement, Article, TextVersion


def versions_in_force(today: date) -> dict[str, TextVersion]:
    """Of every text that has one, without the articles."""
    latest = select(TextVersion.kind, func.max(TextVersion.effective_on).label("effective_on"))
    last = latest.where(TextVersion.effective_on <= today).group_by(TextVersion.kind).subquery()
    same = (TextVersion.kind == last.c.kind) & (TextVersion.effective_on == last.c.effective_on)
    return {version.kind: version for version in db.session.scalars(select(TextVersion).join(last, same))}


def numbers_with(article: str, kind: str) -> Sequence[int]:
    """The versions of a text that hold an article, oldest first."""
    holding = select(TextVersion.number).join(Article).where(TextVersion.kind == kind, Article.slug == article)
    return db.session.scalars(holding.order_by(TextVersion.number)).all()


def signed_numbers(person_id: UUID) -> dict[str, int]:
    """Of each text the newest version that the person signed and whose signature stands."""
    last = select(func.max(Acknowledgement.number)).where(
        Acknowledgement.person_id == person_id, Acknowledgement.answer != "informed"
    )
    standing = select(TextVersion.kind, func.max(TextVersion.number).label("number")).join_from(
        Acknowledgement, TextVersion
    )
    standing = standing.where(
        Acknowledgement.number.in_(last.group_by(Acknowledgement.version_id)), Acknowledgement.answer == "signed"
    )
    return {row.kind: row.number for row in db.session.execute(standing.group_by(TextVersion.kind))}


def signed_before(person_id: UUID, version: TextVersion) -> int | None:
    """The version that the person has signed, if this one came after it: what she is told the changes since."""
    signed = signed_numbers(person_id).get(version.kind)
    return signed if signed is not None and signed < version.number else None

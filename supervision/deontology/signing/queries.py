"""What somebody was shown of a version, and what is asked of her."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from supervision.db import db
from supervision.deontology import queries
from supervision.deontology.models import TextVersion
from supervision.deontology.signing import rules
from supervision.deontology.signing.models import TextShown
from supervision.deontology.signing.rules import Progress


def progress(person_id: UUID, version: TextVersion, language: str) -> Progress:
    row = db.session.get(TextShown, (person_id, version.id, language), populate_existing=True)
    return rules.progress(_slugs(version), row.articles if row else "", row.way if row else "whole")


def _slugs(version: TextVersion) -> list[str]:
    return [article.slug for article in version.articles]


def question(person_id: UUID, version: TextVersion, today: date) -> str | None:
    """What the version in force asks of this person: "sign", "inform" or nothing."""
    last = queries.answer_to(version.id, person_id)
    has_signed = queries.has_signed(person_id, today, version.kind)
    return rules.question(change=version.change, has_signed=has_signed, last=last.answer if last else None)

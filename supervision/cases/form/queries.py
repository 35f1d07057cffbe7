"""Which form a case is written and read with, and the next one while officers word it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from supervision.cases.form.models import FormDraft, FormVersion
from supervision.db import db
from supervision.people.models import Person


def current() -> FormVersion | None:
    """The form for new cases."""
    return db.session.scalar(select(FormVersion).order_by(FormVersion.number.desc()).limit(1))


def by_id(form_version_id: UUID) -> FormVersion:
    return db.session.get_one(FormVersion, form_version_id)


def by_number(number: int) -> FormVersion | None:
    return db.session.scalar(select(FormVersion).where(FormVersion.number == number))


def all_versions() -> Sequence[FormVersion]:
    return db.session.scalars(select(FormVersion).order_by(FormVersion.number)).all()


def draft() -> FormDraft | None:
    return db.session.scalar(select(FormDraft))


@dataclass(frozen=True)
class VersionLine:
    """A row of the list of versions; `by` is None for the form that Prisme comes with."""

    number: int
    published_at: datetime
    by: str | None


def version_lines() -> list[VersionLine]:
    """Every version, the one in force first."""
    rows = (
        select(FormVersion.number, FormVersion.published_at, Person.display_name)
        .outerjoin(Person, Person.id == FormVersion.published_by)
        .order_by(FormVersion.number.desc())
    )
    return [VersionLine(*row) for row in db.session.execute(rows)]


def name_of(person_id: UUID) -> str:
    return db.session.scalars(select(Person.display_name).where(Person.id == person_id)).one()

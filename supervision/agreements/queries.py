"""What screens and rules ask about agreements. `today` is the day in the association's life, given by the edge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from supervision.agreements.models import Agreement
from supervision.db import db
from supervision.people.models import Person


def runs_on(today: date) -> ColumnElement[bool]:
    return and_(
        Agreement.supervisee_signed_at.is_not(None),
        Agreement.supervisor_signed_at.is_not(None),
        Agreement.ended_at.is_(None),
        Agreement.starts_on <= today,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today),
    )


def supervisors_of(person_id: UUID, today: date) -> Sequence[Person]:
    """With whom this person has a running agreement; the newest first."""
    running = select(Person).join(Agreement, Agreement.supervisor_id == Person.id)
    running = running.where(Agreement.supervisee_id == person_id, runs_on(today), Person.deactivated_at.is_(None))
    return db.session.scalars(running.order_by(Agreement.starts_on.desc(), Agreement.id.desc())).unique().all()


def supervisees_of(person_id: UUID, today: date) -> Sequence[Person]:
    """Who has a running agreement with this supervisor, by name."""
    running = select(Agreement.supervisee_id).where(Agreement.supervisor_id == person_id, runs_on(today))
    people = select(Person).where(Person.id.in_(running), Person.deactivated_at.is_(None))
    return db.session.scalars(people.order_by(Person.name_key, Person.id)).all()


def runs_between(supervisee_id: UUID, supervisor_id: UUID, today: date) -> bool:
    running = select(Agreement.id).where(
        Agreement.supervisee_id == supervisee_id, Agreement.supervisor_id == supervisor_id, runs_on(today)
    )
    return db.session.scalar(running.limit(1)) is not None


def visible_agreements(person_id: UUID, *, sees_all: bool) -> Select[Agreement]:
    """Both sides see an agreement; so does whoever coordinates the training."""
    agreements = select(Agreement)
    if not sees_all:
        agreements = agreements.where(or_(Agreement.supervisee_id == person_id, Agreement.supervisor_id == person_id))
    return agreements


def agreements_page(visible: Select[Agreement], *, before: UUID | None, limit: int) -> Sequence[Agreement]:
    """Agreements with both their people, from the newest to the oldest, paged by id."""
    rows = visible.options(joinedload(Agreement.supervisee), joinedload(Agreement.supervisor))
    if before is not None:
        rows = rows.where(Agreement.id < before)
    return db.session.scalars(rows.order_by(Agreement.id.desc()).limit(limit)).all()


def stands_from(supervisee_id: UUID, supervisor_id: UUID, day: date) -> bool:
    """True if the two have an agreement, signed or not, that reaches this day or a later one."""
    standing = select(Agreement.id).where(
        Agreement.supervisee_id == supervisee_id,
        Agreement.supervisor_id == supervisor_id,
        Agreement.ended_at.is_(None),
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= day),
    )
    return db.session.scalar(standing.limit(1)) is not None

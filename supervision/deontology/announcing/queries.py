"""Which versions ask something of people now, and whom of them one has not yet written to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from supervision.db import db
from supervision.deontology.announcing.rules import TOLD_WITHIN
from supervision.deontology.models import Acknowledgement, Extension, TextKind, TextVersion
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person, RoleGrant
from supervision.people.queries import role_runs

# The prefixes of the keys of mails, each kind of them an identity of its own.
DUE, ANNOUNCED, INFORMED = "text-due", "text-announced", "text-informed"


def asking(today: date) -> Sequence[TextVersion]:
    """Of each text that is not retired: its newest major version in force and all that come after that one."""
    since = (
        select(TextVersion.kind, func.max(TextVersion.effective_on).label("since"))
        .where(TextVersion.effective_on <= today, or_(TextVersion.change == "major", TextVersion.number == 1))
        .group_by(TextVersion.kind)
        .subquery()
    )
    versions = (
        select(TextVersion)
        .join(TextKind, TextKind.slug == TextVersion.kind)
        .outerjoin(since, since.c.kind == TextVersion.kind)
        .where(TextKind.retired_at.is_(None))
        .where(or_(since.c.since.is_(None), TextVersion.effective_on >= since.c.since))
    )
    return db.session.scalars(versions.order_by(TextKind.position, TextVersion.effective_on)).all()


def version(version_id: UUID) -> TextVersion:
    return db.session.get_one(TextVersion, version_id)


def kind_of(found: TextVersion) -> TextKind:
    return db.session.get_one(TextKind, found.kind)


def is_followed(found: TextVersion) -> bool:
    """Another version of the same text was published after it."""
    later = select(TextVersion.id).where(TextVersion.kind == found.kind, TextVersion.number > found.number)
    return db.session.scalar(later.limit(1)) is not None


def has_answered(person_id: UUID, version_id: UUID) -> bool:
    answers = select(Acknowledgement.id).where(
        Acknowledgement.person_id == person_id, Acknowledgement.version_id == version_id
    )
    return db.session.scalar(answers.limit(1)) is not None


def is_bound(person_id: UUID, found: TextVersion, now: datetime) -> bool:
    return db.session.scalar(select(Person.id).where(Person.id == person_id, _bound(found, now))) is not None


def untold(
    found: TextVersion, key: str, now: datetime, *, after: UUID | None, limit: int, only: ColumnElement[bool] | None
) -> list[UUID]:
    """Members bound by a version to whom no mail with such a key went, by id."""
    told = exists().where(
        OutboxMail.person_id == Person.id, OutboxMail.subject_id == found.id, OutboxMail.key.startswith(f"{key}/")
    )
    people = select(Person.id).where(Person.deactivated_at.is_(None), _bound(found, now), ~told)
    if only is not None:
        people = people.where(only)
    if after is not None:
        people = people.where(Person.id > after)
    return list(db.session.scalars(people.order_by(Person.id).limit(limit)))


def _bound(found: TextVersion, now: datetime) -> ColumnElement[bool]:
    """Holds one of its roles, or any role where it names none."""
    roles = [role for role in found.bound_roles.split(",") if role]
    holds = exists().where(RoleGrant.person_id == Person.id, role_runs(now))
    return holds.where(RoleGrant.role.in_(roles)) if roles else holds


def has_not_signed(found: TextVersion) -> ColumnElement[bool]:
    """No signature of this version, or of one after it, stands."""
    later = aliased(Acknowledgement)
    withdrawn = exists().where(
        later.person_id == Acknowledgement.person_id,
        later.version_id == Acknowledgement.version_id,
        later.number > Acknowledgement.number,
        later.answer == "withdrawn",
    )
    counting = select(TextVersion.id).where(
        TextVersion.kind == found.kind, TextVersion.effective_on >= found.effective_on
    )
    signed = exists().where(
        Acknowledgement.person_id == Person.id,
        Acknowledgement.version_id.in_(counting),
        Acknowledgement.answer == "signed",
        ~withdrawn,
    )
    return ~signed


def has_not_answered(found: TextVersion) -> ColumnElement[bool]:
    return ~exists().where(Acknowledgement.person_id == Person.id, Acknowledgement.version_id == found.id)


def has_a_time_of_ones_own(found: TextVersion, now: datetime) -> ColumnElement[bool]:
    """Came later than the version, or was given more time: long after everyone else's days have passed."""
    since = now - timedelta(days=found.grace_days + TOLD_WITHIN + 2)
    newcomer = exists().where(RoleGrant.person_id == Person.id, RoleGrant.confirmed_at >= since)
    extended = exists().where(
        and_(Extension.person_id == Person.id, Extension.version_id == found.id, Extension.until_on.is_not(None))
    )
    return or_(newcomer, extended)

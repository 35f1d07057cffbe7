"""What screens ask about people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, func, or_, select

from supervision.db import db
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import email_key, name_key


def role_runs(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(RoleGrant.confirmed_at <= now, or_(RoleGrant.ended_at.is_(None), RoleGrant.ended_at > now))


def person_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email_key == email_key(email)))


def hold(person_id: UUID) -> None:
    """Let one transaction at a time decide about this person; SQLite's writers are alone by nature.

    Rows are held before the chain of the record is: two transactions must not wait for each other.
    """
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def running_roles(person_id: UUID, now: datetime) -> frozenset[str]:
    return frozenset(db.session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id, role_runs(now))))


def holders(role: str, now: datetime) -> Sequence[Person]:
    """Who holds a role now, by name."""
    return holders_of_any((role,), now)


def holders_of_any(roles: Sequence[str], now: datetime) -> Sequence[Person]:
    """Who holds at least one of the roles now, by name."""
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(roles), role_runs(now))
    active = select(Person).where(Person.id.in_(held), Person.deactivated_at.is_(None))
    return db.session.scalars(active.order_by(Person.name_key, Person.id)).all()


def open_grants(person_id: UUID) -> Sequence[RoleGrant]:
    """Running and still unconfirmed grants of one person."""
    grants = select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
    return db.session.scalars(grants.order_by(RoleGrant.granted_at)).all()


def all_grants(person_id: UUID) -> Sequence[RoleGrant]:
    return db.session.scalars(
        select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(RoleGrant.granted_at)
    ).all()


def people_page(*, after: UUID | None, search: str, limit: int) -> Sequence[Person]:
    """People by name, paged by key: those that come after the given person."""
    people = select(Person).order_by(Person.name_key, Person.id).limit(limit)
    if search:
        pattern = "%" + name_key(search).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        people = people.where(
            or_(Person.name_key.like(pattern, escape="\\"), Person.email_key.like(pattern, escape="\\"))
        )
    if after is not None:
        last = func.coalesce(select(Person.name_key).where(Person.id == after).correlate(None).scalar_subquery(), "")
        people = people.where(or_(Person.name_key > last, and_(Person.name_key == last, Person.id > after)))
    return db.session.scalars(people).all()


def roles_of(people: Sequence[Person], now: datetime) -> dict[UUID, list[str]]:
    """Running roles of several people in one statement."""
    rows = db.session.execute(
        select(RoleGrant.person_id, RoleGrant.role).where(
            RoleGrant.person_id.in_([person.id for person in people]), role_runs(now)
        )
    )
    roles: dict[UUID, list[str]] = {person.id: [] for person in people}
    for person_id, role in rows:
        roles[person_id].append(role)
    return roles


def administrators() -> Select[UUID, UUID]:
    """The confirmed administrator's grants of open accounts: (grant, person).

    Without a `now`: whoever waited for another transaction brings one that is older than what the other has confirmed.
    """
    return (
        select(RoleGrant.id, RoleGrant.person_id)
        .join(Person, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == "administrator",
            RoleGrant.confirmed_at.is_not(None),
            RoleGrant.ended_at.is_(None),
            Person.deactivated_at.is_(None),
        )
        .order_by(RoleGrant.id)
    )


def decides_alone(actor_id: UUID, person_id: UUID) -> bool:
    """True for an administrator if nobody could confirm what she grants this person: no third one is there."""
    administering = {row.person_id for row in db.session.execute(administrators())}
    return actor_id in administering and administering <= {actor_id, person_id}


def names_of(person_ids: set[UUID]) -> dict[UUID, str]:
    rows = db.session.execute(select(Person.id, Person.display_name).where(Person.id.in_(person_ids)))
    return {row.id: row.display_name for row in rows}

"""Verbs that change who is known and which roles run."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from supervision.audit import actions as audit
from supervision.db import db
from supervision.ids import new_id
from supervision.people import queries
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import (
    OFFICES,
    AddressTaken,
    LastAdministrator,
    NeedsSecondPerson,
    RoleHeldAlready,
    email_key,
    name_key,
)


def add_person(
    *, actor: Person | None, email: str, display_name: str, language: str, zone: str, now: datetime
) -> Person:
    """Make a person known.

    Raises:
        AddressTaken: somebody has the address.
    """
    if queries.person_by_email(email) is not None:
        raise AddressTaken
    person = Person(
        id=new_id(),
        email=email,
        email_key=email_key(email),
        display_name=display_name,
        language=language,
        zone=zone,
        created_at=now,
    )
    _add_once(person)
    audit.record(actor_id=actor.id if actor else None, action="person-added", subject=f"person/{person.id}", now=now)
    return person


def _add_once(person: Person) -> None:
    """Two officers may invite the same person at once; the second one is told, as if she had come later."""
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError as error:
        raise AddressTaken from error


def grant_role(*, actor: Person | None, person: Person, role: str, now: datetime) -> RoleGrant:
    """Grant a role. An office granted from the screen waits for a second administrator; the command line needs none.

    While there is nobody who could confirm it, it runs at once, and the record says that one person decided alone.

    Raises:
        RoleHeldAlready: it runs, or waits, already.
    """
    if role in OFFICES:
        _hold_administrators()  # before the person, as close_account does: nobody waits for each other
    queries.hold(person.id)
    if any(grant.role == role for grant in queries.open_grants(person.id)):
        raise RoleHeldAlready
    alone = role in OFFICES and actor is not None and queries.decides_alone(actor.id, person.id)
    waits = role in OFFICES and actor is not None and not alone
    grant = RoleGrant(
        id=new_id(),
        person_id=person.id,
        role=role,
        granted_at=now,
        granted_by=actor.id if actor else None,
        confirmed_at=None if waits else now,
        confirmed_by=None if waits else actor.id if actor else None,
    )
    db.session.add(grant)
    db.session.flush()
    _record(actor, "role-proposed" if waits else "role-granted", grant, now, **({"alone": True} if alone else {}))
    return grant


def confirm_office(*, actor: Person, grant: RoleGrant, now: datetime) -> None:
    """Let a proposed office run.

    Raises:
        NeedsSecondPerson: the actor proposed it, or would receive it.
    """
    if actor.id in {grant.granted_by, grant.person_id}:
        raise NeedsSecondPerson
    if grant.confirmed_at is None and grant.ended_at is None:
        grant.confirmed_at, grant.confirmed_by = now, actor.id
        _record(actor, "role-granted", grant, now)


def end_role(*, actor: Person, grant: RoleGrant, now: datetime) -> None:
    """End a role, or drop one that was only proposed.

    Raises:
        LastAdministrator: nobody else could administer the association.
    """
    if grant.ended_at is not None:
        return
    if grant.role == "administrator" and grant.confirmed_at is not None:
        _keep_an_administrator(grant)
    grant.ended_at, grant.ended_by = now, actor.id
    _record(actor, "role-ended", grant, now)


def _keep_an_administrator(leaving: RoleGrant) -> None:
    """Two administrators may end each other's office at once: the rows are held, so that the second one looks again."""
    if not _hold_administrators() - {leaving.id}:
        raise LastAdministrator


def _hold_administrators() -> set[UUID]:
    """Let one transaction at a time decide on who administers. Whoever waited here has to ask again who does."""
    return set(db.session.scalars(queries.administrators().with_for_update(key_share=True)))


def _record(actor: Person | None, action: str, grant: RoleGrant, now: datetime, **facts: bool) -> None:
    actor_id, subject = actor.id if actor else None, f"person/{grant.person_id}"
    audit.record(actor_id=actor_id, action=action, subject=subject, now=now, role=grant.role, **facts)


def close_account(*, actor: Person, person: Person, now: datetime) -> None:
    """Nobody signs in with it any more; what the person wrote and signed stays.

    Raises:
        LastAdministrator: nobody else could administer the association.
    """
    for grant in queries.open_grants(person.id):
        if grant.role == "administrator" and grant.confirmed_at is not None:
            _keep_an_administrator(grant)
    queries.hold(person.id)
    person.deactivated_at = now
    audit.record(actor_id=actor.id, action="account-closed", subject=f"person/{person.id}", now=now)


def reopen_account(*, actor: Person, person: Person, now: datetime) -> None:
    queries.hold(person.id)
    person.deactivated_at = None
    audit.record(actor_id=actor.id, action="account-reopened", subject=f"person/{person.id}", now=now)


def change_preferences(*, person: Person, display_name: str, language: str, zone: str) -> None:
    person.display_name, person.name_key = display_name, name_key(display_name)
    person.language, person.zone = language, zone

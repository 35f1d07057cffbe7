"""Proposing, signing and ending an agreement."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from supervision.agreements import queries
from supervision.agreements.models import Agreement
from supervision.agreements.rules import AgreementExists, EndsBeforeStart, NotASide, NotASupervisor, SamePerson
from supervision.audit import actions as audit
from supervision.db import db
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people import queries as people
from supervision.people.models import Person


def propose(
    *, actor: Person, supervisee: Person, supervisor: Person, starts_on: date, ends_on: date | None, now: datetime
) -> Agreement:
    """Propose an agreement; it runs once both have signed it.

    Raises:
        SamePerson, EndsBeforeStart, NotASupervisor, AgreementExists: each says what is wrong.
    """
    if supervisee.id == supervisor.id:
        raise SamePerson
    if ends_on is not None and ends_on < starts_on:
        raise EndsBeforeStart
    if "supervisor" not in people.running_roles(supervisor.id, now):
        raise NotASupervisor
    people.hold(supervisee.id)  # a double click proposes once
    if queries.stands_from(supervisee.id, supervisor.id, starts_on):
        raise AgreementExists
    agreement = Agreement(
        id=new_id(),
        supervisee_id=supervisee.id,
        supervisor_id=supervisor.id,
        starts_on=starts_on,
        ends_on=ends_on,
        proposed_at=now,
        proposed_by=actor.id,
    )
    db.session.add(agreement)
    db.session.flush()
    _record(actor, "agreement-proposed", agreement, now)
    for person_id in {supervisee.id, supervisor.id} - {actor.id}:
        _ask_to_sign(person_id, agreement, now)
    return agreement


def _ask_to_sign(person_id: UUID, agreement: Agreement, now: datetime) -> None:
    key = f"agreement-proposed/{agreement.id}/{person_id}"
    outbox.put(key=key, kind="agreement-proposed", person_id=person_id, subject_id=agreement.id, now=now)


def sign(*, actor: Person, agreement: Agreement, now: datetime) -> None:
    """Sign for one's own side; signing twice changes nothing.

    Raises:
        NotASide: the actor is neither of the two.
    """
    if actor.id == agreement.supervisee_id:
        agreement.supervisee_signed_at = agreement.supervisee_signed_at or now
    elif actor.id == agreement.supervisor_id:
        agreement.supervisor_signed_at = agreement.supervisor_signed_at or now
    else:
        raise NotASide
    _record(actor, "agreement-signed", agreement, now)


def end(*, actor: Person, agreement: Agreement, now: datetime) -> None:
    """End an agreement, or decline one that is not signed yet."""
    if agreement.ended_at is None:
        agreement.ended_at, agreement.ended_by = now, actor.id
        _record(actor, "agreement-ended", agreement, now)


def _record(actor: Person, action: str, agreement: Agreement, now: datetime) -> None:
    audit.record(actor_id=actor.id, action=action, subject=f"agreement/{agreement.id}", now=now)

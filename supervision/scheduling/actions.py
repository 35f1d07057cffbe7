"""Planning a group session, moving and cancelling it, and who has a seat in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update

from supervision.audit import actions as audit
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.scheduling import queries
from supervision.scheduling.models import GroupSession, Seat
from supervision.scheduling.rules import (
    NotAParticipant,
    NotNow,
    Overlaps,
    SessionTimes,
    check_ahead,
    may_cancel,
    may_change,
    may_join,
)


def create(
    *, actor: Person, name: str, times: SessionTimes, participants: Sequence[Person], now: datetime
) -> GroupSession:
    """Plan a session that the actor leads.

    Raises:
        InThePast, TooFarAhead, Overlaps, NotAParticipant: each says what is wrong.
    """
    check_ahead(times, now)
    people.hold(actor.id)  # a double click plans once: the second overlaps the first
    _refuse_overlap(actor.id, times, besides=None)
    session = GroupSession(id=new_id(), supervisor_id=actor.id, name=name, created_at=now, **vars(times))
    db.session.add(session)
    db.session.flush()
    _record(actor, "group-session-created", session.id, now)
    for person in participants:
        add_seat(actor=actor, session=session, person=person, now=now)
    return session


def change(*, actor: Person, session: GroupSession, name: str, times: SessionTimes, now: datetime) -> bool:
    """Give it another name or another time, and with the time another window. True if the window has moved.

    Raises:
        NotNow: it has begun or is cancelled.
        InThePast, TooFarAhead, Overlaps: each says what is wrong.
    """
    _hold(session)
    if not may_change(queries.facts_of(session), now):
        raise NotNow
    check_ahead(times, now)
    _refuse_overlap(session.supervisor_id, times, besides=session.id)
    if (session.name, queries.facts_of(session).times) == (name, times):
        return False
    is_moved = (session.opens_at, session.closes_at) != (times.opens_at, times.closes_at)
    session.name = name
    for column, instant in vars(times).items():
        setattr(session, column, instant)
    db.session.flush()
    _record(actor, "group-session-changed", session.id, now)
    return is_moved


def cancel(*, actor: Person, session: GroupSession, now: datetime) -> None:
    """It does not take place, or did not: nothing is read on its account any more. Doing it twice changes nothing.

    Raises:
        NotNow: its window is closed.
    """
    _hold(session)
    if session.cancelled_at is not None:
        return
    if not may_cancel(queries.facts_of(session), now):
        raise NotNow
    session.cancelled_at = now
    db.session.flush()
    _record(actor, "group-session-cancelled", session.id, now)


def add_seat(*, actor: Person, session: GroupSession, person: Person, now: datetime) -> None:
    """Sign somebody up; whoever is signed up already stays so.

    Raises:
        NotNow: the session is over or cancelled.
        NotAParticipant: the person leads it, or her account is closed.
    """
    if person.id == session.supervisor_id or person.deactivated_at is not None:
        raise NotAParticipant
    if not may_join(queries.facts_of(session), now):
        raise NotNow
    new = insert(Seat).values(id=new_id(), session_id=session.id, person_id=person.id, added_at=now)
    once = new.on_conflict_do_nothing(
        index_elements=["session_id", "person_id"], index_where=text("left_at IS NULL")
    ).returning(Seat.id)
    if db.session.scalar(once) is not None:
        _record(actor, "seat-given", session.id, now, person=str(person.id))


def end_seat(*, actor: Person, seat: Seat, now: datetime) -> None:
    """Leave, or be taken off the list by the supervisor; doing it twice changes nothing."""
    left = update(Seat).where(Seat.id == seat.id, Seat.left_at.is_(None)).values(left_at=now).returning(Seat.id)
    if db.session.scalar(left) is not None:
        act = "seat-left" if actor.id == seat.person_id else "seat-removed"
        _record(actor, act, seat.session_id, now, person=str(seat.person_id))


def _hold(session: GroupSession) -> None:
    """One change at a time, each from what the one before has left."""
    people.hold(session.supervisor_id)
    db.session.refresh(session)


def _refuse_overlap(supervisor_id: UUID, times: SessionTimes, *, besides: UUID | None) -> None:
    if queries.overlaps(supervisor_id, times, besides=besides):
        raise Overlaps


def _record(actor: Person, action: str, session_id: UUID, now: datetime, **facts: Any) -> None:
    audit.record(actor_id=actor.id, action=action, subject=f"group-session/{session_id}", now=now, **facts)

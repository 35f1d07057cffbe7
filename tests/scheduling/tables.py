"""Group sessions at any time, brought about as the doors would, without asking whether they lie ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.scheduling import actions, queries
from supervision.scheduling.models import GroupSession, Seat
from supervision.scheduling.rules import SessionTimes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def lasting_from(starts_at: datetime, *, before: timedelta = 7 * DAY, after: timedelta = 2 * DAY) -> SessionTimes:
    """Two hours, and the window around them."""
    ends_at = starts_at + 2 * HOUR
    return SessionTimes(starts_at, ends_at, starts_at - before, ends_at + after)


def a_session(
    supervisor: Person,
    starts_at: datetime,
    participants: Sequence[Person] = (),
    *,
    name: str = "Groupe",
    before: timedelta = 7 * DAY,
    after: timedelta = 2 * DAY,
) -> GroupSession:
    """A session, past ones included, with its participants."""
    times = lasting_from(starts_at, before=before, after=after)
    planned_at = times.opens_at - DAY
    session = GroupSession(
        id=new_id(), supervisor_id=supervisor.id, name=name, created_at=planned_at, cancelled_at=None, **vars(times)
    )
    db.session.add(session)
    db.session.flush()
    for person in participants:
        seat(session, person, planned_at)
    db.session.commit()
    return session


def seat(session: GroupSession, person: Person, at: datetime) -> None:
    supervisor = db.session.get_one(Person, session.supervisor_id)
    actions.add_seat(actor=supervisor, session=session, person=person, now=at)
    db.session.commit()


def leave(session: GroupSession, person: Person, at: datetime) -> None:
    taken = queries.seat_of(session.id, person.id)
    assert isinstance(taken, Seat)
    actions.end_seat(actor=person, seat=taken, now=at)
    db.session.commit()

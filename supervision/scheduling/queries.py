"""What screens and rules ask about group sessions. Which of them a person may see is decided in `permissions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from supervision.db import db
from supervision.people.models import Person
from supervision.scheduling.models import GroupSession, Seat
from supervision.scheduling.rules import SessionFacts, SessionTimes


def facts_of(session: GroupSession) -> SessionFacts:
    times = SessionTimes(session.starts_at, session.ends_at, session.opens_at, session.closes_at)
    return SessionFacts(times, session.cancelled_at)


def is_seated(person_id: UUID) -> ColumnElement[bool]:
    """Somebody who signed up for the session and has not left it."""
    return exists().where(Seat.session_id == GroupSession.id, Seat.person_id == person_id, Seat.left_at.is_(None))


def is_being_read(now: datetime) -> ColumnElement[bool]:
    """Inside its window and not cancelled: what is opened to it can be read."""
    inside = and_(GroupSession.opens_at <= now, GroupSession.closes_at > now)
    return and_(GroupSession.cancelled_at.is_(None), inside)


# --- sessions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SessionLine:
    """A row of the list of sessions."""

    session: GroupSession
    supervisor_name: str

    @property
    def facts(self) -> SessionFacts:
        return facts_of(self.session)


def session_lines(
    visible: Select[GroupSession], now: datetime, *, over: bool, after: UUID | None, limit: int
) -> list[SessionLine]:
    """Sessions whose window is not closed yet, the next one first, or those that are over, the last one first.

    Paged by key: those that come after the given session.
    """
    rows = visible.join(Person, Person.id == GroupSession.supervisor_id).add_columns(Person.display_name)
    rows = rows.where(GroupSession.closes_at <= now if over else GroupSession.closes_at > now)
    if after is not None:
        rows = rows.where(_follows(after, over=over))
    order = (GroupSession.starts_at, GroupSession.id)
    rows = rows.order_by(*(column.desc() for column in order) if over else order).limit(limit)
    return [SessionLine(*row) for row in db.session.execute(rows)]


def _follows(session_id: UUID, *, over: bool) -> ColumnElement[bool]:
    """Comes after this session in the list."""
    last = select(GroupSession.starts_at).where(GroupSession.id == session_id).correlate(None).scalar_subquery()
    same_moment = GroupSession.starts_at == last
    if over:
        return or_(GroupSession.starts_at < last, and_(same_moment, GroupSession.id < session_id))
    return or_(GroupSession.starts_at > last, and_(same_moment, GroupSession.id > session_id))


def sessions_of_supervisor(supervisor_id: UUID, now: datetime) -> Sequence[GroupSession]:
    """What this person leads: not cancelled, its window not closed; the next one first."""
    mine = select(GroupSession).where(GroupSession.supervisor_id == supervisor_id, *_not_over(now))
    return db.session.scalars(mine.order_by(GroupSession.starts_at, GroupSession.id)).all()


def open_sessions_for(person_id: UUID, now: datetime) -> Sequence[GroupSession]:
    """To which of them a person may open a situation: she has a seat, and the window is not closed."""
    offered = select(GroupSession).where(is_seated(person_id), *_not_over(now))
    return db.session.scalars(offered.order_by(GroupSession.starts_at, GroupSession.id)).all()


def _not_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return GroupSession.cancelled_at.is_(None), GroupSession.closes_at > now


def overlaps(supervisor_id: UUID, times: SessionTimes, *, besides: UUID | None) -> bool:
    """True if the supervisor leads another session at that time."""
    others = select(GroupSession.id).where(
        GroupSession.supervisor_id == supervisor_id,
        GroupSession.cancelled_at.is_(None),
        GroupSession.starts_at < times.ends_at,
        GroupSession.ends_at > times.starts_at,
    )
    if besides is not None:
        others = others.where(GroupSession.id != besides)
    return db.session.scalar(others.limit(1)) is not None


# --- seats ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Participant:
    """Somebody who is signed up, as the others of the session know her: by name."""

    seat_id: UUID
    person_id: UUID
    name: str
    added_at: datetime


def participants(session_id: UUID) -> list[Participant]:
    """Who is signed up now, by name."""
    rows = (
        select(Seat.id, Seat.person_id, Person.display_name, Seat.added_at)
        .join(Person, Person.id == Seat.person_id)
        .where(Seat.session_id == session_id, Seat.left_at.is_(None))
        .order_by(Person.name_key, Person.id)
    )
    return [Participant(*row) for row in db.session.execute(rows)]


def numbers_of_participants(session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many people are signed up for each of these sessions, in one statement."""
    running = select(Seat.session_id, func.count()).where(Seat.session_id.in_(session_ids), Seat.left_at.is_(None))
    found = {row[0]: row[1] for row in db.session.execute(running.group_by(Seat.session_id))}
    return {session_id: found.get(session_id, 0) for session_id in session_ids}


def seat_of(session_id: UUID, person_id: UUID) -> Seat | None:
    """The last seat that the person had in the session, left or not."""
    seats = select(Seat).where(Seat.session_id == session_id, Seat.person_id == person_id)
    return db.session.scalar(seats.order_by(Seat.id.desc()).limit(1))


def seat(session_id: UUID, seat_id: UUID) -> Seat | None:
    """A seat of this session and no other."""
    return db.session.scalar(select(Seat).where(Seat.id == seat_id, Seat.session_id == session_id))

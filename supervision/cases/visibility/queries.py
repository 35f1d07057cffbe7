"""To which group session a situation is opened, and who can read it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from supervision.agreements.queries import runs_between
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.models import Case, CaseOpening, CaseVersion
from supervision.cases.queries import CaseFile, is_latest, is_withdrawn
from supervision.cases.readers import BrokenGlass, Opening, Reader, readers
from supervision.cases.retention.models import Purge
from supervision.db import db
from supervision.people import queries as people
from supervision.scheduling.models import GroupSession, Seat
from supervision.scheduling.queries import is_being_read, is_seated

AuthorSeat = aliased(Seat, name="author_seat")


def is_submitted() -> ColumnElement[bool]:
    """There is a latest version, and it was not taken back; what is purged is nothing to read."""
    standing = exists().where(CaseVersion.case_id == Case.id, is_latest(), ~is_withdrawn()).correlate(Case)
    return standing & ~exists().where(Purge.case_id == Case.id).correlate(Case)


def is_open_to(person_id: UUID, now: datetime) -> ColumnElement[bool]:
    """Opened to a session in which this person and the author have a seat, while it may be read on its account."""
    openings = _openings().join(GroupSession, GroupSession.id == CaseOpening.session_id)
    return Case.id.in_(openings.where(is_seated(person_id), is_being_read(now)).correlate(None)) & is_submitted()


def is_opened_to(session_id: UUID) -> ColumnElement[bool]:
    """Opened to this session, whether or not it may be read just now."""
    return Case.id.in_(_openings().where(CaseOpening.session_id == session_id).correlate(None)) & is_submitted()


def _openings() -> Select[UUID]:
    """Openings that nobody has ended, by an author who has not left: whoever leaves takes her situation along."""
    opened = aliased(Case, name="opened")
    seat_of_author = exists().where(
        AuthorSeat.session_id == CaseOpening.session_id,
        AuthorSeat.person_id == opened.author_id,
        AuthorSeat.left_at.is_(None),
    )
    rows = select(CaseOpening.case_id).join(opened, opened.id == CaseOpening.case_id)
    return rows.where(CaseOpening.ended_at.is_(None), seat_of_author)


def number_opened_to(session_id: UUID) -> int:
    return db.session.scalar(select(func.count()).select_from(Case).where(is_opened_to(session_id))) or 0


def running_opening(case_id: UUID) -> GroupSession | None:
    """The session that the author chose and has not taken back."""
    chosen = select(GroupSession).join(CaseOpening, CaseOpening.session_id == GroupSession.id)
    return db.session.scalar(chosen.where(CaseOpening.case_id == case_id, CaseOpening.ended_at.is_(None)))


# --- who can read -----------------------------------------------------------------------------------------------------


def readers_of(file: CaseFile, today: date, now: datetime) -> list[Reader]:
    """Everyone who can open the case as things stand, for the line on its page."""
    return readers(
        author=file.author.display_name,
        supervisor=_supervisor(file, today),
        opening=_opening(file),
        broken=_broken(file.case.id, now),
        is_submitted=_has_left_the_desk(file),
        now=now,
    )


def _has_left_the_desk(file: CaseFile) -> bool:
    return file.version is not None and file.facts.withdrawn_at is None and file.facts.purged_at is None


def _supervisor(file: CaseFile, today: date) -> str | None:
    """The supervisor's name, while she can read."""
    if file.assignment is None or file.supervisor is None or file.supervisor.deactivated_at is not None:
        return None
    named = file.assignment.for_this_case
    can_read = named or runs_between(file.case.author_id, file.assignment.supervisor_id, today)
    return file.supervisor.display_name if can_read else None


def _opening(file: CaseFile) -> Opening | None:
    row = db.session.execute(
        select(
            GroupSession.name,
            GroupSession.opens_at,
            GroupSession.closes_at,
            GroupSession.cancelled_at,
            is_seated(file.case.author_id),
        )
        .join(CaseOpening, CaseOpening.session_id == GroupSession.id)
        .where(CaseOpening.case_id == file.case.id, CaseOpening.ended_at.is_(None))
    ).one_or_none()
    return Opening(*row) if row else None


def _broken(case_id: UUID, now: datetime) -> list[BrokenGlass]:
    """Each with those of the two who are still on the committee: whoever has left it reads nothing more."""
    confirmed = select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.confirmed_by.is_not(None))
    rows = db.session.scalars(confirmed.where(BreakGlass.until_at > now).order_by(BreakGlass.confirmed_at)).all()
    members = {person.id: person.display_name for person in people.holders("committee", now)} if rows else {}
    return [
        BrokenGlass(
            tuple(members[who] for who in (row.asked_by, row.confirmed_by) if who in members),
            row.confirmed_at,
            row.until_at,
            row.ended_at,
        )
        for row in rows
    ]

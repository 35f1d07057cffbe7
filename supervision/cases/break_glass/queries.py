"""Requests to open a case, and those that were granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.break_glass.rules import WAITS, GlassDates, state
from supervision.cases.models import Case, CaseAssignment
from supervision.cases.queries import CaseFile, case_file
from supervision.cases.retention.models import Hold
from supervision.cases.visibility.queries import is_submitted
from supervision.db import db
from supervision.people.models import Person

Asker = aliased(Person, name="asker")
Confirmer = aliased(Person, name="glass_confirmer")
Ender = aliased(Person, name="ender")


@dataclass(frozen=True)
class Glass:
    """A request or an opening, with the names of who asked, who confirmed and who ended it early."""

    row: BreakGlass
    asker: str
    confirmer: str | None
    ender: str | None

    def state(self, now: datetime) -> str:
        row = self.row
        return state(GlassDates(row.asked_at, row.confirmed_at, row.until_at, row.declined_at, row.ended_at), now)


def is_involved(person_id: UUID) -> ColumnElement[bool]:
    """This person wrote the request's case, or has supervised it at any time."""
    wrote = exists().where(Case.id == BreakGlass.case_id, Case.author_id == person_id)
    supervised = exists().where(CaseAssignment.case_id == BreakGlass.case_id, CaseAssignment.supervisor_id == person_id)
    return or_(wrote.correlate(BreakGlass), supervised.correlate(BreakGlass))


def is_in(person_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """This person asked or confirmed."""
    return or_(BreakGlass.asked_by == person_id, BreakGlass.confirmed_by == person_id)


def waits(now: datetime) -> ColumnElement[bool]:
    """A second word is still possible: the case stands, and the request is neither answered nor void."""
    standing = exists().where(Case.id == BreakGlass.case_id, is_submitted()).correlate(BreakGlass)
    unanswered = BreakGlass.confirmed_at.is_(None) & BreakGlass.declined_at.is_(None)
    return unanswered & (BreakGlass.asked_at > now - WAITS) & standing


def is_held() -> ColumnElement[bool]:
    """The committee holds the case back from its purge: somebody of it must be able to let go."""
    held = exists().where(Hold.case_id == BreakGlass.case_id, Hold.lifted_at.is_(None), is_in(Hold.placed_by))
    return held.correlate(BreakGlass)


def glasses(visible: Select[BreakGlass], *, limit: int, before: UUID | None = None) -> list[Glass]:
    """From the newest to the oldest, paged by id. One statement."""
    rows = _named(visible).order_by(BreakGlass.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(BreakGlass.id < before)
    return [_glass(row) for row in db.session.execute(rows)]


def glass(visible: Select[BreakGlass], glass_id: UUID) -> Glass | None:
    row = db.session.execute(_named(visible).where(BreakGlass.id == glass_id)).one_or_none()
    return None if row is None else _glass(row)


def of_case(case_id: UUID) -> list[Glass]:
    """Every opening of a case that was confirmed, the latest first: what its author is shown."""
    confirmed = select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.confirmed_at.is_not(None))
    return [_glass(row) for row in db.session.execute(_named(confirmed).order_by(BreakGlass.confirmed_at.desc()))]


def _named(visible: Select[BreakGlass]) -> Select[*tuple[Any, ...]]:
    return (
        visible.join(Asker, Asker.id == BreakGlass.asked_by)
        .outerjoin(Confirmer, Confirmer.id == BreakGlass.confirmed_by)
        .outerjoin(Ender, Ender.id == BreakGlass.ended_by)
        .add_columns(Asker.display_name, Confirmer.display_name, Ender.display_name)
    )


def _glass(row: Row[*tuple[Any, ...]]) -> Glass:
    return Glass(*row)


def open_through(person_id: UUID, case_id: UUID, now: datetime) -> BreakGlass | None:
    """The opening by which this person may read the case now."""
    found = select(BreakGlass).where(BreakGlass.case_id == case_id, is_in(person_id), BreakGlass.ended_at.is_(None))
    running = found.where(BreakGlass.confirmed_at <= now, BreakGlass.until_at > now)
    return db.session.scalar(running.order_by(BreakGlass.until_at.desc()).limit(1))


def runs_or_waits(person_id: UUID, case_id: UUID, now: datetime) -> bool:
    """This person has a request for the case that waits, or an opening of it that runs."""
    waiting = select(BreakGlass.id).where(BreakGlass.case_id == case_id, BreakGlass.asked_by == person_id, waits(now))
    asked = db.session.scalar(waiting.limit(1)) is not None
    return asked or open_through(person_id, case_id, now) is not None


def submitted(case_id: UUID, now: datetime) -> CaseFile | None:
    """The case with this id if it is submitted and stands: a draft, what was taken back or purged is nothing."""
    return case_file(select(Case).where(is_submitted()), case_id, now)


def involved(case_id: UUID) -> Sequence[UUID]:
    """Who wrote the case, and whoever has supervised it."""
    authors = select(Case.author_id).where(Case.id == case_id)
    supervisors = select(CaseAssignment.supervisor_id).where(CaseAssignment.case_id == case_id)
    return db.session.scalars(authors.union(supervisors)).all()


def author_of(case_id: UUID) -> UUID:
    return db.session.scalars(select(Case.author_id).where(Case.id == case_id)).one()

"""Which cases are kept until when, what holds them, and the proof that one is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select

from supervision.association.models import Association
from supervision.association.queries import the_association
from supervision.association.rules import months_after
from supervision.audit.models import AuditEntry
from supervision.cases.models import Case, CaseClosing, CaseKey
from supervision.cases.retention.models import Hold, Purge
from supervision.cases.retention.rules import AT_LEAST, STAGES, Held, notice_stage, purge_on
from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person

NOTICE = "purge-notice"


@dataclass(frozen=True)
class Keeping:
    """A closed case, with the day from which it may be purged (None while it is held without an end)."""

    case_id: UUID
    author_id: UUID
    closed_on: date
    purge_on: date | None


def near_purge(association: Association, now: datetime) -> list[Keeping]:
    """Closed cases that have reached, or almost reached, the time for which they are kept. Two statements."""
    today = association.day_of(now)
    closed_on = months_after(today - timedelta(days=min(STAGES)), -association.retention_months)
    soon = datetime.combine(closed_on + timedelta(days=4), time(), UTC)  # a little more: months differ, and zones
    return _keepings(_closed().where(CaseClosing.closed_at < soon), association)


def keeping(case_id: UUID, association: Association) -> Keeping | None:
    """None while the case is open, or once it is purged."""
    return next(iter(_keepings(_closed().where(Case.id == case_id), association)), None)


def _closed() -> Select[UUID, UUID, datetime]:
    purged = exists().where(Purge.case_id == Case.id)
    rows = select(Case.id, Case.author_id, CaseClosing.closed_at).join(CaseClosing, CaseClosing.case_id == Case.id)
    return rows.where(CaseClosing.reopened_at.is_(None), ~purged).order_by(CaseClosing.closed_at, Case.id)


def _keepings(closed: Select[UUID, UUID, datetime], association: Association) -> list[Keeping]:
    rows = db.session.execute(closed).all()
    holds: dict[UUID, list[Held]] = defaultdict(list)
    of_these = Hold.case_id.in_(closed.with_only_columns(Case.id).order_by(None))
    for hold in db.session.scalars(select(Hold).where(of_these)) if rows else ():
        holds[hold.case_id].append(held(hold, association))
    return [_keeping(row, holds[row.id], association) for row in rows]


def _keeping(row: Row[UUID, UUID, datetime], holds: Sequence[Held], association: Association) -> Keeping:
    closed_on = association.day_of(row.closed_at)
    return Keeping(row.id, row.author_id, closed_on, purge_on(closed_on, association.retention_months, holds))


def held(hold: Hold, association: Association) -> Held:
    return Held(hold.until_on, association.day_of(hold.lifted_at) if hold.lifted_at else None)


def due_for_purge(now: datetime) -> list[UUID]:
    """Cases whose day has come, and whose authors were told of this very day a week ago or more."""
    association = the_association()
    return [] if association is None else _due(near_purge(association, now), association, now)


def is_due(case_id: UUID, now: datetime) -> bool:
    """The same of one case, seen now."""
    association = the_association()
    kept = keeping(case_id, association) if association else None
    return association is not None and kept is not None and _due([kept], association, now) == [case_id]


def _due(keepings: Iterable[Keeping], association: Association, now: datetime) -> list[UUID]:
    today = association.day_of(now)
    due = {
        notice_key(kept, stage): kept.case_id
        for kept in keepings
        if kept.purge_on is not None and kept.purge_on <= today
        for stage in STAGES
    }
    told = select(OutboxMail.key).where(OutboxMail.kind == NOTICE, _is_told(now - AT_LEAST))
    told = told.where(OutboxMail.subject_id.in_(set(due.values())))
    found = {due[key] for key in db.session.scalars(told) if key in due} if due else set()
    return [case_id for case_id in dict.fromkeys(due.values()) if case_id in found]


def _is_told(at: datetime) -> ColumnElement[bool]:
    """Handed over by then. One that lies in the outbox tells nobody anything, except where nobody is left to be told;
    one that was skipped for another reason says that it was not true.
    """
    nobody_left = and_(OutboxMail.skipped_because == "person-left", OutboxMail.skipped_at <= at)
    return or_(OutboxMail.sent_at <= at, nobody_left)


def notice_key(kept: Keeping, stage: int) -> str:
    return f"{NOTICE}/{kept.case_id}/{kept.author_id}/{kept.purge_on}/{stage:+d}d"


def stage_of(kept: Keeping, today: date) -> int | None:
    return None if kept.purge_on is None else notice_stage(kept.purge_on, today)


# --- what holds a case ------------------------------------------------------------------------------------------------


def is_standing(today: date) -> ColumnElement[bool]:
    return and_(Hold.lifted_at.is_(None), or_(Hold.until_on.is_(None), Hold.until_on > today))


def standing_holds(case_id: UUID, today: date) -> list[tuple[Hold, Person]]:
    """What holds the case now, and who wants it so, the earliest first."""
    rows = select(Hold, Person).join(Person, Person.id == Hold.placed_by).where(Hold.case_id == case_id)
    return [(row[0], row[1]) for row in db.session.execute(rows.where(is_standing(today)).order_by(Hold.id))]


# --- what is gone -----------------------------------------------------------------------------------------------------


def proof(case_id: UUID) -> Purge | None:
    return db.session.get(Purge, case_id)


def first_unproven() -> str | None:
    """What contradicts the purges, in a sentence; None if each one holds: no key, no draft, and its entry."""
    kept = select(Purge.case_id).join(CaseKey, CaseKey.case_id == Purge.case_id)
    found = db.session.scalar(kept.limit(1))
    if found is not None:
        return f"situation {found} is purged and has a key"
    entries: dict[str, dict[str, Any]] = {
        entry.subject: entry.facts
        for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "case-purged"))
    }
    for purge in db.session.scalars(select(Purge).order_by(Purge.purged_at)):
        facts = entries.pop(f"case/{purge.case_id}", {})
        if (facts.get("key_hash"), facts.get("generation")) != (purge.key_hash, purge.generation):
            return f"the record does not hold the purge of situation {purge.case_id} as it is kept"
    return f"the record holds a purge that is not kept: {next(iter(entries))}" if entries else None

"""Verbs of an exception: asked by one of the committee, confirmed by another, over when its time is. No commit here."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from supervision.audit import actions as audit
from supervision.cases.break_glass import queries
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.break_glass.rules import AlreadyAsked, Involved, NoLongerPossible, NotYours
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.outbox import actions as outbox
from supervision.people import queries as people
from supervision.people.models import Person

_TABLE = BreakGlass.__tablename__
ROLE = "committee"


def ask(
    *, actor: Person, file: CaseFile, reason: str, hours: int, press: UUID, keyring: Keyring, now: datetime
) -> UUID:
    """Ask that a case be opened to oneself and to whoever confirms. `press` names the page: pressing twice asks once.

    Raises:
        Involved, AlreadyAsked: nothing changes.
    """
    case_id = file.case.id
    people.hold(actor.id)  # two pages of one person are answered one after the other
    if actor.id in queries.involved(case_id):
        raise Involved
    if queries.runs_or_waits(actor.id, case_id, now):
        raise AlreadyAsked
    new = insert(BreakGlass).values(
        id=press,
        case_id=case_id,
        asked_by=actor.id,
        asked_at=now,
        sealed=file.seal(keyring).close_fields({"text": reason}, _TABLE, press),
        hours=hours,
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["id"]).returning(BreakGlass.id)) is None:
        raise AlreadyAsked
    _record(actor, "glass-asked", press, case_id, now, hours=hours)
    return press


def confirm(*, actor: Person, glass: BreakGlass, now: datetime) -> datetime:
    """The second word: from now on both may read, and the author is told at once. Returns until when.

    Raises:
        NotYours, Involved: another one must confirm.
        NoLongerPossible: it is answered or void, the case is gone, or whoever asked has left the committee.
    """
    if actor.id == glass.asked_by:
        raise NotYours
    involved = queries.involved(glass.case_id)
    if actor.id in involved:
        raise Involved
    if glass.asked_by in involved or ROLE not in people.running_roles(glass.asked_by, now):
        raise NoLongerPossible
    until = now + timedelta(hours=glass.hours)
    _answer(glass, now, confirmed_by=actor.id, confirmed_at=now, until_at=until)
    _record(actor, "glass-confirmed", glass.id, glass.case_id, now, hours=glass.hours, asked_by=str(glass.asked_by))
    author_id, kind = queries.author_of(glass.case_id), "glass-broken"
    outbox.put(key=f"{kind}/{glass.id}", kind=kind, person_id=author_id, subject_id=glass.case_id, now=now)
    return until


def decline(*, actor: Person, glass: BreakGlass, now: datetime) -> None:
    """Say no to a request, or take one's own back.

    Raises:
        NoLongerPossible: it has its answer.
    """
    _answer(glass, now, declined_at=now)
    _record(actor, "glass-declined", glass.id, glass.case_id, now)


def _answer(glass: BreakGlass, now: datetime, **values: object) -> None:
    waiting = update(BreakGlass).where(BreakGlass.id == glass.id, queries.waits(now)).values(**values)
    answered = waiting.returning(BreakGlass.id).execution_options(synchronize_session=False)
    if db.session.scalar(answered) is None:
        raise NoLongerPossible


def end(*, actor: Person, glass: BreakGlass, now: datetime) -> None:
    """Stop reading before the time is over.

    Raises:
        NoLongerPossible: it is over.
    """
    running = update(BreakGlass).where(
        BreakGlass.id == glass.id, BreakGlass.ended_at.is_(None), BreakGlass.until_at > now
    )
    ended = running.values(ended_at=now, ended_by=actor.id).returning(BreakGlass.id)
    if db.session.scalar(ended.execution_options(synchronize_session=False)) is None:
        raise NoLongerPossible
    _record(actor, "glass-ended", glass.id, glass.case_id, now)


def _record(actor: Person, action: str, glass_id: UUID, case_id: UUID, now: datetime, **facts: object) -> None:
    audit.record(actor_id=actor.id, action=action, subject=f"case/{case_id}", now=now, glass=str(glass_id), **facts)

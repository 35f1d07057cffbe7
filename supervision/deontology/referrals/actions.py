"""Verbs of a referral: opened, written in, closed, reopened, read; members set aside. No commit here.

Nothing of this goes into the record of acts, which administrators read: that somebody turned to the committee is
between the two. What was done is kept in rows of its own that never change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supervision.crypto import Keyring, Seal
from supervision.db import db, insert
from supervision.deontology.referrals import queries, sealing
from supervision.deontology.referrals.models import Recusal, Referral, ReferralEntry, ReferralReading
from supervision.deontology.referrals.rules import NobodyThere, NotNow, NotTheirs, check_left
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people.models import Person

MAIL = "word-waiting"
_ENTRY, _REFERRAL = ReferralEntry.__tablename__, Referral.__tablename__


@dataclass(frozen=True)
class Opening:
    """What the author brings. `fields`: account, and for a referral what is expected and whether others are heard."""

    kind: str
    title: str
    fields: dict[str, Any]
    version_id: UUID | None = None
    article: str | None = None
    set_aside: frozenset[UUID] = field(default=frozenset())


def open_referral(*, author: Person, opening: Opening, press: UUID, keyring: Keyring, now: datetime) -> UUID:
    """Bring a question or a referral to the committee. Pressing twice opens one. Returns its id.

    Raises:
        TooFewLeft, NobodyThere, NotTheirs, NotNow: nothing is written.
    """
    made_before = queries.by_press(press)
    if made_before is not None:
        if made_before.author_id != author.id:
            raise NotNow
        return made_before.id
    _check_set_aside(author.id, opening.set_aside, now)
    referral_id = new_id()
    seal, wrapped = sealing.create(keyring, referral_id)
    new = insert(Referral).values(
        id=referral_id,
        kind=opening.kind,
        author_id=author.id,
        version_id=opening.version_id,
        article=opening.article,
        opened_at=now,
        press=press,
        generation=wrapped.generation,
        wrapped=wrapped.sealed,
        sealed_title=seal.close_title(opening.title, _REFERRAL, referral_id),
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["press"]).returning(Referral.id)) is None:
        return open_referral(author=author, opening=opening, press=press, keyring=keyring, now=now)
    _set_aside(referral_id, opening.set_aside, author.id, now)
    entry_id = _add(referral_id, seal, kind="opening", by=author, fields=opening.fields, press=press, now=now)
    _tell_committee(referral_id, entry_id, author.id, now)
    return referral_id


def _check_set_aside(author_id: UUID, set_aside: Iterable[UUID], now: datetime) -> None:
    """Raises:
    TooFewLeft, NobodyThere, NotTheirs: as `open_referral`.
    """
    members = {member.id for member in queries.members(author_id, now)}
    named = set(set_aside)
    if not named <= members:
        raise NotTheirs
    check_left(len(members - named), someone_is_set_aside=bool(named))


def write(
    *,
    actor: Person,
    referral: Referral,
    kind: str,
    fields: dict[str, Any],
    press: UUID,
    keyring: Keyring,
    now: datetime,
    held_on: date | None = None,
) -> UUID | None:
    """Add a message, a step, a note, a conclusion or a reopening, and tell the other side. Pressing twice adds one.

    Raises:
        NotNow: it changed in the meantime.
    """
    held = _hold(referral.id, actor)
    if queries.is_written(press):
        return None
    if (kind == "reopening") != (held.closed_at is not None):
        raise NotNow
    seal = sealing.opened(keyring, held)
    entry_id = _add(held.id, seal, kind=kind, by=actor, fields=fields, press=press, now=now, held_on=held_on)
    if kind in {"conclusion", "reopening"}:
        held.closed_at = now if kind == "conclusion" else None
    if kind != "note":
        _tell(held, entry_id, actor, now)
    return entry_id


def _hold(referral_id: UUID, actor: Person) -> Referral:
    """The referral, held until the commit: what closes it or sets somebody aside comes before or after.

    Raises:
        NotNow: it is purged, or the actor was set aside.
    """
    rows = select(Referral).where(Referral.id == referral_id).with_for_update()
    held = db.session.scalars(rows.execution_options(populate_existing=True)).one()
    if held.wrapped is None or actor.id in queries.set_aside(referral_id):
        raise NotNow
    return held


def _add(
    referral_id: UUID,
    seal: Seal,
    *,
    kind: str,
    by: Person,
    fields: dict[str, Any],
    press: UUID,
    now: datetime,
    held_on: date | None = None,
) -> UUID:
    entry_id = new_id()
    entry = ReferralEntry(
        id=entry_id,
        referral_id=referral_id,
        kind=kind,
        by_id=by.id,
        written_at=now,
        held_on=held_on,
        press=press,
        sealed=seal.close_fields(fields, _ENTRY, entry_id),
    )
    db.session.add(entry)
    db.session.flush()
    return entry_id


def _tell(referral: Referral, entry_id: UUID, actor: Person, now: datetime) -> None:
    if actor.id == referral.author_id:
        _tell_committee(referral.id, entry_id, referral.author_id, now)
    else:
        _put(referral.id, entry_id, referral.author_id, now)


def _tell_committee(referral_id: UUID, entry_id: UUID, author_id: UUID, now: datetime) -> None:
    left_out = queries.set_aside(referral_id)
    for member in queries.members(author_id, now):
        if member.id not in left_out:
            _put(referral_id, entry_id, member.id, now)


def _put(referral_id: UUID, entry_id: UUID, person_id: UUID, now: datetime) -> None:
    key = f"{MAIL}/{entry_id}/{person_id}"
    outbox.put(key=key, kind=MAIL, person_id=person_id, subject_id=referral_id, now=now, entry=str(entry_id))


# --- who reads --------------------------------------------------------------------------------------------------------


def set_aside(*, author: Person, referral: Referral, person_ids: Iterable[UUID], now: datetime) -> None:
    """The author names others of the committee who are to see it no more.

    Raises:
        TooFewLeft, NobodyThere, NotTheirs, NotNow: nothing changes.
    """
    held = _hold(referral.id, author)
    before, named = queries.set_aside(held.id), set(person_ids)
    _check_set_aside(author.id, named | _still_members(before, author.id, now), now)
    _set_aside(held.id, named - before, author.id, now)


def _still_members(set_aside: Iterable[UUID], author_id: UUID, now: datetime) -> set[UUID]:
    """Whoever has left the committee since then no longer counts."""
    return set(set_aside) & {member.id for member in queries.members(author_id, now)}


def step_aside(*, actor: Person, referral: Referral, now: datetime) -> None:
    """A member sees it no more, by her own will: somebody else must be there to read it, be it one alone.

    Raises:
        NobodyThere, NotNow: nothing changes.
    """
    held = _hold(referral.id, actor)
    members = {member.id for member in queries.members(held.author_id, now)}
    if not members - queries.set_aside(held.id) - {actor.id}:
        raise NobodyThere
    _set_aside(held.id, {actor.id}, actor.id, now)


def _set_aside(referral_id: UUID, person_ids: Iterable[UUID], asked_by: UUID, now: datetime) -> None:
    for person_id in person_ids:
        row = Recusal(referral_id=referral_id, person_id=person_id, asked_by=asked_by, asked_at=now)
        db.session.add(row)
    db.session.flush()


def record_reading(*, referral: Referral, reader: Person, now: datetime) -> None:
    """Note that it was opened: by the committee each time, by its author when there is news."""
    if reader.id != referral.author_id or queries.has_news(referral.id, reader.id):
        db.session.add(ReferralReading(referral_id=referral.id, reader_id=reader.id, read_at=now))

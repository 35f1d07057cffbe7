"""Which text bound somebody on a day, and how that is known: the facts, each with the row that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, or_, select

from supervision.db import db
from supervision.deontology.actions import chained, shown_text
from supervision.deontology.consequences import queries as consequences
from supervision.deontology.consequences.queries import end_of, the_zone
from supervision.deontology.consequences.rules import Duty
from supervision.deontology.models import Acknowledgement, TextKind, TextVersion
from supervision.deontology.rules import GENESIS, row_hash, text_sha256
from supervision.people.models import Person, RoleGrant


@dataclass(frozen=True)
class Link:
    """One answer and its place in the chain, looked at now."""

    row: Acknowledgement
    before: str  # the hash of the row before it, as that row holds it
    after: int | None  # the number of the row after it, if it holds this row's hash
    is_last: bool

    @property
    def follows(self) -> bool:
        return self.row.previous_hash == self.before

    @property
    def is_whole(self) -> bool:
        """Every column is what it was when it was recorded."""
        return row_hash(chained(self.row), self.row.previous_hash) == self.row.row_hash

    @property
    def text_is_same(self) -> bool:
        """The text as it is published has the hash that was recorded with the answer."""
        return text_sha256(shown_text(self.row.version, self.row.language)) == self.row.text_sha256

    @property
    def holds(self) -> bool:
        return self.follows and self.is_whole and self.text_is_same and (self.is_last or self.after is not None)


@dataclass(frozen=True)
class Proof:
    person: Person
    kind: TextKind
    day: date
    in_force: TextVersion | None
    duty: Duty | None  # None: the text did not exist yet
    signed: Link | None  # what she had signed last by then, still standing
    answers: Sequence[Acknowledgement]  # all of hers by then
    roles: Sequence[Row[*tuple[Any, ...]]]  # those that ran on that day

    @property
    def binds(self) -> bool:
        """She had signed what was asked of her on that day."""
        return self.signed is not None and self.duty is not None and self.duty.answer == "signed"


def proof(person: Person, kind: TextKind, day: date) -> Proof:
    """As of the end of a day; what came later is not in it."""
    in_force = select(TextVersion).where(TextVersion.kind == kind.slug, TextVersion.effective_on <= day)
    answers = _answers(person, kind, day)
    duties = consequences.duties_of(person.id, day)
    return Proof(
        person=person,
        kind=kind,
        day=day,
        in_force=db.session.scalar(in_force.order_by(TextVersion.effective_on.desc()).limit(1)),
        duty=next((duty for duty in duties if duty.kind == kind.slug), None),
        signed=_last_signature(answers),
        answers=answers,
        roles=_roles(person, day),
    )


def _answers(person: Person, kind: TextKind, day: date) -> Sequence[Acknowledgement]:
    given = select(Acknowledgement).join(TextVersion).where(TextVersion.kind == kind.slug)
    given = given.where(Acknowledgement.person_id == person.id, Acknowledgement.answered_at < end_of(day, the_zone()))
    return db.session.scalars(given.order_by(Acknowledgement.number)).all()


def _last_signature(answers: Sequence[Acknowledgement]) -> Link | None:
    last = {answer.version_id: answer for answer in answers if answer.answer != "informed"}
    standing = [answer for answer in last.values() if answer.answer == "signed"]
    return _link(max(standing, key=lambda answer: answer.version.effective_on)) if standing else None


def _link(row: Acknowledgement) -> Link:
    around = select(Acknowledgement.number, Acknowledgement.row_hash, Acknowledgement.previous_hash).where(
        or_(Acknowledgement.number == row.number - 1, Acknowledgement.number > row.number)
    )
    near = db.session.execute(around.order_by(Acknowledgement.number).limit(2)).all()
    before = next((one.row_hash for one in near if one.number == row.number - 1), GENESIS if row.number == 1 else "")
    later = [one for one in near if one.number > row.number]
    after = next((one.number for one in later if one.previous_hash == row.row_hash), None)
    return Link(row, before, after, is_last=not later)


def _roles(person: Person, day: date) -> Sequence[Row[*tuple[Any, ...]]]:
    end = end_of(day, the_zone())
    held = select(RoleGrant.role, RoleGrant.confirmed_at).where(RoleGrant.person_id == person.id)
    held = held.where(RoleGrant.confirmed_at < end, or_(RoleGrant.ended_at.is_(None), RoleGrant.ended_at > end))
    return db.session.execute(held.order_by(RoleGrant.confirmed_at)).all()

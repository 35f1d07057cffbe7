"""Who has answered a version, as of any day. One statement for each question, be it of a hundred thousand people.

The stage is the rule of `consequences.rules` said in SQL, so that the database counts and filters; the rows that are
shown ask the rule itself, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Interval,
    Row,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from supervision.db import db
from supervision.deontology.consequences.queries import end_of, the_zone
from supervision.deontology.consequences.rules import Asked, Duty, duty
from supervision.deontology.models import Acknowledgement, Extension, TextKind, TextVersion
from supervision.people.models import Person, RoleGrant
from supervision.people.queries import role_runs
from supervision.people.rules import name_key

DAY = timedelta(days=1)
CODES = ("informed", "refused", "withdrawn", "signed")
MOST_VERSIONS, FARTHEST = 1000, 10**12  # of one text; beyond every number of an answer


@dataclass(frozen=True)
class Looked:
    """A version, and the day as of which it is looked at: the one asked for, or the last on which it was asked."""

    kind: TextKind
    version: TextVersion
    published: Sequence[TextVersion]  # all of the kind, in order
    day: date
    zone: ZoneInfo
    was_last_day: bool  # a later version has taken its place since

    @property
    def end(self) -> datetime:
        return end_of(self.day, self.zone)

    @property
    def is_minor(self) -> bool:
        """True for a version of which people are informed. The first one is signed, whatever it is called."""
        return self.version.change == "minor" and self.version is not self.published[0]

    @property
    def roles(self) -> list[str]:
        return list(filter(None, self.version.bound_roles.split(",")))

    @property
    def answered(self) -> list[UUID]:
        """The versions an answer to which counts for this one: itself, and minor ones after one that is signed."""
        if self.is_minor:
            return [self.version.id]
        return [v.id for v in self.published if self.version.effective_on <= v.effective_on <= self.day]

    @property
    def earlier(self) -> list[UUID]:
        return [v.id for v in self.published if v.effective_on < self.version.effective_on]

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone)


def looked_at(kind: TextKind, number: int | None, day: date) -> Looked | None:
    """The version of a number, or the one that asks for a signature on the day; None if there is none by then."""
    versions = select(TextVersion).where(TextVersion.kind == kind.slug, TextVersion.effective_on <= day)
    published = db.session.scalars(versions.order_by(TextVersion.effective_on)).all()
    majors = [v for v in published if v.change == "major" or v is published[0]]
    chosen = next((v for v in published if v.number == number), None) if number else majors[-1] if majors else None
    if chosen is None:
        return None
    next_major = next((v.effective_on for v in majors if v.effective_on > chosen.effective_on), None)
    last = next_major - DAY if next_major else day
    return Looked(kind, chosen, published, min(day, last), the_zone(), was_last_day=last < day)


# --- where everybody stands -------------------------------------------------------------------------------------------


def _asked_of(looked: Looked, grant: Any) -> ColumnElement[bool]:
    role = grant.role.in_(looked.roles) if looked.roles else true()
    return and_(grant.confirmed_at < looked.end, role)


def _day_before(at: Any) -> Any:
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    return func.datetime(at, "-1 day") if is_sqlite else at - literal(DAY, Interval())


def _bound(looked: Looked) -> Subquery:
    """Since when each is bound. Whoever has held one bound role since it began needs no second look."""
    grant = aliased(RoleGrant)
    runs = or_(grant.ended_at.is_(None), grant.ended_at > looked.end)
    held = (
        select(
            grant.person_id,
            func.min(grant.confirmed_at).label("first_at"),
            func.count().label("how_many"),
            func.max(case((runs, 1), else_=0)).label("runs"),
        )
        .where(_asked_of(looked, grant))
        .group_by(grant.person_id)
        .subquery()
    )
    since = case((held.c.how_many == 1, held.c.first_at), else_=_stretch_began(looked, held))
    return select(held.c.person_id, since.label("bound_at"), held.c.runs).subquery("bound")


def _stretch_began(looked: Looked, held: Subquery) -> ScalarSelect[datetime | None]:
    """The latest bound role that no other one led to (`rules.bound_since`)."""
    grant, other = aliased(RoleGrant), aliased(RoleGrant)
    goes_on = exists().where(
        other.person_id == grant.person_id,
        _asked_of(looked, other),
        other.confirmed_at < grant.confirmed_at,
        or_(other.ended_at.is_(None), other.ended_at >= _day_before(grant.confirmed_at)),
    )
    began = select(func.max(grant.confirmed_at)).where(grant.person_id == held.c.person_id, _asked_of(looked, grant))
    return began.where(~goes_on.correlate(grant)).correlate(held).scalar_subquery()


def _answers(looked: Looked) -> Subquery:
    """The answer of each that counts: a signature if one stands, else the last answer to the latest version.

    Number and answer are one figure, so that the greatest of a group is its last row, and no row is looked up twice.
    """
    code = case({answer: place for place, answer in enumerate(CODES)}, value=Acknowledgement.answer)
    last = func.max(cast(Acknowledgement.number, BigInteger) * len(CODES) + code).label("last")
    given = select(Acknowledgement.person_id, Acknowledgement.version_id, last)
    given = given.where(Acknowledgement.version_id.in_(looked.answered), Acknowledgement.answered_at < looked.end)
    if not looked.is_minor:
        given = given.where(Acknowledgement.answer != "informed")
    each = given.group_by(Acknowledgement.person_id, Acknowledgement.version_id).subquery()
    place = case({version: place for place, version in enumerate(looked.answered)}, value=each.c.version_id)
    signed = case((each.c.last % len(CODES) == CODES.index("signed"), MOST_VERSIONS), else_=0)
    far = literal(FARTHEST, BigInteger)
    best = func.max(cast(signed + place, BigInteger) * far + each.c.last) % far
    found = select(each.c.person_id, best.label("last")).group_by(each.c.person_id).subquery()
    answers = case(dict(enumerate(CODES)), value=found.c.last % len(CODES))
    number = found.c.last // len(CODES)
    return select(found.c.person_id, answers.label("answer"), number.label("number")).subquery("answer")


def _answered_at(number: ColumnElement[int]) -> ScalarSelect[datetime]:
    return select(Acknowledgement.answered_at).where(Acknowledgement.number == number).scalar_subquery()


def _extensions(looked: Looked) -> Subquery:
    """The longest time given to each for this version or an earlier one, and whether she is exempt from this one."""
    exempt = and_(Extension.version_id == looked.version.id, Extension.until_on.is_(None))
    granted = select(
        Extension.person_id,
        func.max(Extension.until_on).label("extended_on"),
        func.max(case((exempt, 1), else_=0)).label("is_exempt"),
    ).where(
        Extension.version_id.in_([*looked.earlier, looked.version.id]),
        Extension.granted_at < looked.end,
        or_(Extension.revoked_at.is_(None), Extension.revoked_at >= looked.end),
    )
    return granted.group_by(Extension.person_id).subquery("extension")


def _signed_before(looked: Looked) -> ColumnElement[bool]:
    if not looked.earlier:
        return false()
    given, back = aliased(Acknowledgement), aliased(Acknowledgement)
    later = exists().where(
        back.person_id == given.person_id,
        back.version_id == given.version_id,
        back.number > given.number,
        back.answered_at < looked.end,
        back.answer != "informed",
    )
    return exists().where(
        given.person_id == Person.id,
        given.version_id.in_(looked.earlier),
        given.answered_at < looked.end,
        given.answer == "signed",
        ~later,
    )


def standing(looked: Looked) -> Subquery:
    """A row for each person who is asked: what is known of her, and her stage."""
    bound, answer, extension = _bound(looked), _answers(looked), _extensions(looked)
    signed_before = _signed_before(looked)
    facts = {
        "bound_at": bound.c.bound_at,
        "number": answer.c.number,
        "answer": answer.c.answer,
        "answered_at": _answered_at(answer.c.number),
        "extended_on": extension.c.extended_on,
        "is_exempt": func.coalesce(extension.c.is_exempt, 0),
        "signed_before": signed_before,
        "stage": _minor_status(answer) if looked.is_minor else _stage(looked, bound, answer, extension, signed_before),
    }
    rows = (
        select(Person.id.label("person_id"), Person.name_key, Person.display_name)
        .add_columns(*(column.label(name) for name, column in facts.items()))
        .join(bound, and_(bound.c.person_id == Person.id, bound.c.runs == 1))
        .outerjoin(answer, answer.c.person_id == Person.id)
        .outerjoin(extension, extension.c.person_id == Person.id)
        .where(or_(Person.deactivated_at.is_(None), Person.deactivated_at >= looked.end))
    )
    return rows.subquery("standing")


def _minor_status(answer: Subquery) -> ColumnElement[str]:
    known = {"signed": "settled", "informed": "informed"}
    return case(known, value=func.coalesce(answer.c.answer, ""), else_="unanswered")


def _stage(
    looked: Looked, bound: Subquery, answer: Subquery, extension: Subquery, signed_before: ColumnElement[bool]
) -> ColumnElement[str]:
    """`consequences.rules.duty` with the days on the other side: begun before today less the grace, and so on."""
    version, today = looked.version, looked.day
    out_since = today - timedelta(days=version.hidden_days)
    ended = today - timedelta(days=version.grace_days)

    def begun_before(day: date) -> ColumnElement[bool]:
        return bound.c.bound_at < looked.midnight(day) if version.effective_on < day else false()

    def without_time_since(day: date) -> ColumnElement[bool]:
        return or_(extension.c.extended_on.is_(None), extension.c.extended_on < day)

    taken_back = and_(answer.c.answer == "withdrawn", _answered_at(answer.c.number) >= looked.midnight(out_since))
    is_hidden = and_(
        begun_before(ended - timedelta(days=version.hidden_days)),
        without_time_since(out_since),
        or_(answer.c.answer.is_(None), ~taken_back),
    )
    return case(
        (answer.c.answer == "signed", "settled"),
        (extension.c.is_exempt == 1, "exempt"),
        (literal(not looked.kind.has_consequences), "grace"),
        (is_hidden, "hidden"),
        (and_(signed_before, begun_before(ended), without_time_since(today)), "late"),
        (signed_before, "grace"),
        (extension.c.extended_on >= today, "grace"),
        else_="first",
    )


# --- numbers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Numbers:
    """How many are at each stage, how many of all have refused, and the same by role."""

    total: dict[str, int]
    refused: int
    by_role: dict[str, dict[str, int]]


def numbers(looked: Looked) -> Numbers:
    """In one statement. Somebody with two roles counts in both."""
    stands = standing(looked).c
    each = select(stands.person_id, stands.stage, stands.answer).cte("everybody")  # nothing more is looked up
    refused = func.sum(case((each.c.answer == "refused", 1), else_=0))
    all_of_them = select(literal("").label("role"), each.c.stage, func.count(), refused).group_by(each.c.stage)
    running = select(RoleGrant.role, each.c.stage, func.count(), refused)
    running = running.join(each, each.c.person_id == RoleGrant.person_id).where(role_runs(looked.end))
    if looked.roles:
        running = running.where(RoleGrant.role.in_(looked.roles))
    rows = db.session.execute(all_of_them.union_all(running.group_by(RoleGrant.role, each.c.stage))).all()
    by_role: dict[str, dict[str, int]] = {}
    for role, stage, count, _ in rows:
        by_role.setdefault(role, {})[stage] = count
    return Numbers(by_role.pop("", {}), sum(refused for role, _, _, refused in rows if not role), by_role)


def signed_by(looked: Looked, days: Sequence[date]) -> list[tuple[date, int]]:
    """How many had signed this version by the end of each of these days, whatever came after."""
    answers = {"signed", "informed"} if looked.is_minor else {"signed"}
    first = select(func.min(Acknowledgement.answered_at).label("at")).where(
        Acknowledgement.version_id.in_(looked.answered), Acknowledgement.answer.in_(answers)
    )
    each = first.group_by(Acknowledgement.person_id).subquery()
    sums = [func.sum(case((each.c.at < end_of(day, looked.zone), 1), else_=0)) for day in days]
    counts = db.session.execute(select(*sums)).one()
    return [(day, count or 0) for day, count in zip(days, counts, strict=True)]


# --- the list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    status: str = ""  # a stage, or "refused"
    role: str = ""
    name: str = ""


@dataclass(frozen=True)
class Line:
    person_id: UUID
    display_name: str
    status: str
    answer: str | None
    answered_at: datetime | None
    number: int | None
    duty: Duty | None  # None: a version of which people are informed


def lines(looked: Looked, wanted: Wanted, *, after: UUID | None, limit: int) -> list[Line]:
    """Those who come after a person, by name."""
    each = standing(looked)
    rows = _listed(looked, each, wanted).limit(limit)
    if after is not None:
        key = select(Person.name_key).where(Person.id == after).scalar_subquery()
        last = func.coalesce(key, "")
        rows = rows.where(or_(each.c.name_key > last, and_(each.c.name_key == last, each.c.person_id > after)))
    return [_line(looked, row) for row in db.session.execute(rows)]


def every_line(looked: Looked, wanted: Wanted) -> Iterator[Line]:
    """The whole list, a few hundred in memory at a time."""
    rows = _listed(looked, standing(looked), wanted).execution_options(yield_per=500)
    for row in db.session.execute(rows):
        yield _line(looked, row)


def line_of(looked: Looked, person_id: UUID) -> Line | None:
    each = standing(looked)
    row = db.session.execute(select(each).where(each.c.person_id == person_id)).first()
    return _line(looked, row) if row is not None else None


def _listed(looked: Looked, each: Subquery, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    rows = select(each).order_by(each.c.name_key, each.c.person_id)
    if wanted.status == "refused":
        rows = rows.where(each.c.answer == "refused")
    elif wanted.status:
        rows = rows.where(each.c.stage == wanted.status)
    if wanted.role:
        held = select(RoleGrant.person_id).where(RoleGrant.role == wanted.role, role_runs(looked.end))
        rows = rows.where(each.c.person_id.in_(held))
    if wanted.name:
        rows = rows.where(each.c.name_key.contains(name_key(wanted.name), autoescape=True))
    return rows


def _line(looked: Looked, row: Row[*tuple[Any, ...]]) -> Line:
    told = None if looked.is_minor else duty(_asked(looked, row), looked.day)
    status = told.stage if told else row.stage
    return Line(row.person_id, row.display_name, status, row.answer, row.answered_at, row.number, told)


def _asked(looked: Looked, row: Row[*tuple[Any, ...]]) -> Asked:
    version = looked.version
    return Asked(
        kind=version.kind,
        version_id=version.id,
        number=version.number,
        effective_on=version.effective_on,
        grace_days=version.grace_days,
        hidden_days=version.hidden_days,
        has_consequences=looked.kind.has_consequences,
        bound_on=row.bound_at.astimezone(looked.zone).date(),
        answer=row.answer,
        signed_before=row.signed_before,
        answered_on=row.answered_at.astimezone(looked.zone).date() if row.answered_at else None,
        is_exempt=bool(row.is_exempt),
        extended_on=row.extended_on,
    )

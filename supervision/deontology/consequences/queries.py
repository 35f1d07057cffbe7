"""Where people stand with the texts they are asked to accept, on any day. Four statements, however many they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, or_, select

from supervision.association.queries import the_association
from supervision.db import db
from supervision.deontology.consequences.rules import Asked, Duty, bound_since, duty
from supervision.deontology.models import Acknowledgement, Extension, TextKind, TextVersion
from supervision.people.models import RoleGrant

_VERSION = (
    TextVersion.id,
    TextVersion.kind,
    TextVersion.number,
    TextVersion.change,
    TextVersion.effective_on,
    TextVersion.grace_days,
    TextVersion.hidden_days,
    TextVersion.bound_roles,
)


@dataclass(frozen=True)
class _Text:
    """A text as it asks on a day: the newest major version in force, and the place of every version in its row."""

    major: Row[*tuple[Any, ...]]
    rank: dict[UUID, int]  # 0 for the first version, and so on, of those in force until then

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(filter(None, self.major.bound_roles.split(",")))


@dataclass
class _Person:
    roles: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)  # from when until when
    answers: dict[UUID, tuple[str, datetime]] = field(default_factory=dict)  # the last one to each version
    extensions: dict[UUID, list[date | None]] = field(default_factory=dict)  # until when; None: exempt


def duties_of(person_id: UUID, today: date) -> list[Duty]:
    """What one person is asked to accept today, settled or not, the code first."""
    return duties([person_id], today)[person_id]


def duties(person_ids: Collection[UUID], today: date) -> dict[UUID, list[Duty]]:
    """The same of many, as of any day: what was answered, granted and held by the end of it."""
    zone = the_zone()
    end = end_of(today, zone)
    texts, known = _texts(today, end), _known(person_ids, end)
    return {
        person_id: [duty(_asked(text, known[person_id], zone, end), today) for text in texts]
        for person_id in person_ids
    }


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a day of the association."""
    return datetime.combine(day + timedelta(days=1), time(0), zone)


def may_bring(person_id: UUID, today: date) -> bool:
    """False while a text that was not accepted in time keeps the person from anything new."""
    return not any(duty.blocks_new for duty in duties_of(person_id, today))


def duty_without(person_id: UUID, kind: str, today: date) -> Duty | None:
    """Where a person would stand with a text if she took her signature of it back today."""
    zone = the_zone()
    end = end_of(today, zone)
    text = next((one for one in _texts(today, end) if one.major.kind == kind), None)
    if text is None:
        return None
    asked = _asked(text, _known([person_id], end)[person_id], zone, end)
    return duty(replace(asked, answer="withdrawn", answered_on=today), today)


def the_zone() -> ZoneInfo:
    association = the_association()
    return ZoneInfo(association.zone if association else "UTC")


def _texts(today: date, end: datetime) -> list[_Text]:
    rows = db.session.execute(
        select(*_VERSION, TextKind.has_consequences)
        .join(TextKind, TextKind.slug == TextVersion.kind)
        .where(TextVersion.effective_on <= today)
        .where(or_(TextKind.retired_at.is_(None), TextKind.retired_at >= end))
        .order_by(TextKind.position, TextVersion.effective_on)
    )
    texts: dict[str, _Text] = {}
    for row in rows:
        before = texts.get(row.kind)
        major = row if before is None or row.change == "major" else before.major
        rank = before.rank if before else {}
        texts[row.kind] = _Text(major, {**rank, row.id: len(rank)})
    return list(texts.values())


def _known(person_ids: Collection[UUID], end: datetime) -> dict[UUID, _Person]:
    """Everything about these people that the rule wants, in three statements."""
    known = {person_id: _Person() for person_id in person_ids}
    for person_id, role, since, until in db.session.execute(_grants(person_ids, end)):
        if since is not None:
            known[person_id].roles.append((role, since, until))
    for person_id, version_id, answer, at in db.session.execute(_answers(person_ids, end)):
        known[person_id].answers[version_id] = (answer, at)
    for person_id, version_id, until_on in db.session.execute(_extensions(person_ids, end)):
        known[person_id].extensions.setdefault(version_id, []).append(until_on)
    return known


def _grants(person_ids: Collection[UUID], end: datetime) -> Select[UUID, str, datetime | None, datetime | None]:
    grants = select(RoleGrant.person_id, RoleGrant.role, RoleGrant.confirmed_at, RoleGrant.ended_at)
    return grants.where(RoleGrant.person_id.in_(person_ids), RoleGrant.confirmed_at < end)


def _answers(person_ids: Collection[UUID], end: datetime) -> Select[UUID, UUID, str, datetime]:
    answers = select(
        Acknowledgement.person_id, Acknowledgement.version_id, Acknowledgement.answer, Acknowledgement.answered_at
    )
    answers = answers.where(Acknowledgement.person_id.in_(person_ids), Acknowledgement.answered_at < end)
    return answers.where(Acknowledgement.answer != "informed").order_by(Acknowledgement.number)


def _extensions(person_ids: Collection[UUID], end: datetime) -> Select[UUID, UUID, date | None]:
    extensions = select(Extension.person_id, Extension.version_id, Extension.until_on)
    extensions = extensions.where(Extension.person_id.in_(person_ids), Extension.granted_at < end)
    return extensions.where(or_(Extension.revoked_at.is_(None), Extension.revoked_at >= end))


def _asked(text: _Text, person: _Person, zone: ZoneInfo, end: datetime) -> Asked:
    major, place = text.major, text.rank[text.major.id]
    runs = [(since, until) for role, since, until in person.roles if not text.roles or role in text.roles]
    bound_at = bound_since(runs, end)
    given = {text.rank[version]: answer for version, answer in person.answers.items() if version in text.rank}
    later = [given[rank] for rank in sorted(given) if rank >= place]
    answer, answered_at = next((one for one in later if one[0] == "signed"), later[-1] if later else (None, None))
    return Asked(
        kind=major.kind,
        version_id=major.id,
        number=major.number,
        effective_on=major.effective_on,
        grace_days=major.grace_days,
        hidden_days=major.hidden_days,
        has_consequences=major.has_consequences,
        bound_on=bound_at.astimezone(zone).date() if bound_at else None,
        answer=answer,
        signed_before=any(answer == "signed" for rank, (answer, _at) in given.items() if rank < place),
        answered_on=answered_at.astimezone(zone).date() if answered_at else None,
        is_exempt=None in person.extensions.get(major.id, ()),
        extended_on=_extended_on(text, person),
    )


def _extended_on(text: _Text, person: _Person) -> date | None:
    """The longest time that was given for this version or an earlier one: a new version takes none of it back."""
    place = text.rank[text.major.id]
    granted = [days for version, days in person.extensions.items() if text.rank.get(version, place + 1) <= place]
    return max((day for days in granted for day in days if day is not None), default=None)

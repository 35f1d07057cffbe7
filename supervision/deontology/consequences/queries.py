"""Where people stand with the texts they are asked to accept, on any day. Four statements, however many they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, or_, select

from supervision.association.queries import the_association
from supervision.db import db
from supervision.deontology.consequences.rules import Asked, Duty, duty
from supervision.deontology.models import Acknowledgement, Extension, TextKind, TextVersion
from supervision.people.models import RoleGrant
from supervision.people.queries import role_runs

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
    roles: list[tuple[str, datetime]] = field(default_factory=list)  # since when
    answers: dict[UUID, str] = field(default_factory=dict)  # the last one to each version
    extensions: dict[UUID, date | None] = field(default_factory=dict)  # until when; None: exempt


def duties_of(person_id: UUID, today: date) -> list[Duty]:
    """What one person is asked to accept today, settled or not, the code first."""
    return duties([person_id], today)[person_id]


def duties(person_ids: Collection[UUID], today: date) -> dict[UUID, list[Duty]]:
    """The same of many, as of any day: what was answered, granted and held by the end of it."""
    zone, texts = _zone(), _texts(today)
    known = _known(person_ids, datetime.combine(today + timedelta(days=1), time(0), zone))
    return {
        person_id: [duty(_asked(text, known[person_id], zone), today) for text in texts] for person_id in person_ids
    }


def may_bring(person_id: UUID, today: date) -> bool:
    """False while a text that was not accepted in time keeps the person from anything new."""
    return not any(duty.blocks_new for duty in duties_of(person_id, today))


def _zone() -> ZoneInfo:
    association = the_association()
    return ZoneInfo(association.zone if association else "UTC")


def _texts(today: date) -> list[_Text]:
    rows = db.session.execute(
        select(*_VERSION, TextKind.has_consequences)
        .join(TextKind, TextKind.slug == TextVersion.kind)
        .where(TextVersion.effective_on <= today, TextKind.retired_at.is_(None))
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
    for person_id, role, since in db.session.execute(_grants(person_ids, end)):
        if since is not None:
            known[person_id].roles.append((role, since))
    for person_id, version_id, answer in db.session.execute(_answers(person_ids, end)):
        known[person_id].answers[version_id] = answer
    for person_id, version_id, until_on in db.session.execute(_extensions(person_ids, end)):
        known[person_id].extensions[version_id] = until_on
    return known


def _grants(person_ids: Collection[UUID], end: datetime) -> Select[UUID, str, datetime | None]:
    grants = select(RoleGrant.person_id, RoleGrant.role, RoleGrant.confirmed_at)
    return grants.where(RoleGrant.person_id.in_(person_ids), role_runs(end))


def _answers(person_ids: Collection[UUID], end: datetime) -> Select[UUID, UUID, str]:
    answers = select(Acknowledgement.person_id, Acknowledgement.version_id, Acknowledgement.answer)
    answers = answers.where(Acknowledgement.person_id.in_(person_ids), Acknowledgement.answered_at < end)
    return answers.where(Acknowledgement.answer != "informed").order_by(Acknowledgement.number)


def _extensions(person_ids: Collection[UUID], end: datetime) -> Select[UUID, UUID, date | None]:
    extensions = select(Extension.person_id, Extension.version_id, Extension.until_on)
    extensions = extensions.where(Extension.person_id.in_(person_ids), Extension.granted_at < end)
    return extensions.where(or_(Extension.revoked_at.is_(None), Extension.revoked_at >= end)).order_by(Extension.id)


def _asked(text: _Text, person: _Person, zone: ZoneInfo) -> Asked:
    major, place = text.major, text.rank[text.major.id]
    since = [at.astimezone(zone).date() for role, at in person.roles if not text.roles or role in text.roles]
    given = {text.rank[version]: answer for version, answer in person.answers.items() if version in text.rank}
    later = [given[rank] for rank in sorted(given) if rank >= place]
    extended_on = person.extensions.get(major.id)
    return Asked(
        kind=major.kind,
        version_id=major.id,
        number=major.number,
        effective_on=major.effective_on,
        grace_days=major.grace_days,
        hidden_days=major.hidden_days,
        has_consequences=major.has_consequences,
        bound_on=min(since, default=None),
        answer="signed" if "signed" in later else next(iter(reversed(later)), None),
        signed_before=any(answer == "signed" for rank, answer in given.items() if rank < place),
        is_exempt=major.id in person.extensions and extended_on is None,
        extended_on=extended_on,
    )

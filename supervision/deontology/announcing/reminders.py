"""Which messages about versions of texts should exist by now: announced, in force, before and after the grace ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import ColumnElement

from supervision.association.models import Association
from supervision.association.queries import the_association
from supervision.deontology.announcing import queries
from supervision.deontology.announcing.rules import MOST, is_fresh, of_everyone, reached
from supervision.deontology.consequences.queries import duties
from supervision.deontology.models import TextVersion
from supervision.outbox.rules import Planned

BATCH = 500  # people looked at together


def due(now: datetime) -> Iterator[Planned]:
    """Each stage once for each person, and no more of them than one round can carry."""
    association = the_association()
    if association is not None:
        yield from islice(_due(association, now), MOST)


def _due(association: Association, now: datetime) -> Iterator[Planned]:
    today = association.day_of(now)
    for version in queries.asking(today):
        published_on = association.day_of(version.published_at)
        if version.change == "minor" and version.number > 1:
            if is_fresh(published_on, today):
                yield from _to_everyone(version, queries.INFORMED, now, queries.has_not_answered(version))
        elif version.effective_on <= today:
            yield from _asked(version, now, today)
        elif is_fresh(published_on, today):
            yield from _to_everyone(version, queries.ANNOUNCED, now)


def _to_everyone(
    version: TextVersion, kind: str, now: datetime, only: ColumnElement[bool] | None = None
) -> Iterator[Planned]:
    for batch in _batches(version, kind, now, only):
        for person_id in batch:
            yield Planned(
                key=f"{kind}/{version.id}/{person_id}", kind=kind, person_id=person_id, subject_id=version.id, facts={}
            )


def _asked(version: TextVersion, now: datetime, today: date) -> Iterator[Planned]:
    """The latest stage of each person who has not signed; most have reached the same one, a few have their own."""
    usual = of_everyone(effective_on=version.effective_on, grace_days=version.grace_days, today=today)
    only = queries.has_not_signed(version)
    if not is_fresh(usual.since_on, today):
        only &= queries.has_a_time_of_ones_own(version, now)
    for batch in _batches(version, f"{queries.DUE}/{usual.stage}", now, only):
        stands = duties(batch, today)
        for person_id in batch:
            duty = next((duty for duty in stands[person_id] if duty.version_id == version.id), None)
            found = reached(duty, grace_days=version.grace_days, today=today) if duty else None
            if found is not None:
                yield _reminder(version, person_id, found.stage)


def _reminder(version: TextVersion, person_id: UUID, stage: str) -> Planned:
    return Planned(
        key=f"{queries.DUE}/{stage}/{version.id}/{person_id}",
        kind=queries.DUE,
        person_id=person_id,
        subject_id=version.id,
        facts={"stage": stage},
    )


def _batches(
    version: TextVersion, key: str, now: datetime, only: ColumnElement[bool] | None = None
) -> Iterator[list[UUID]]:
    after: UUID | None = None
    while batch := queries.untold(version, key, now, after=after, limit=BATCH, only=only):
        yield batch
        after = batch[-1]

"""A group session of the demonstration, next week: its window is open, and one of Ana's situations is opened to it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from supervision.cases import actions as cases
from supervision.cases.lifecycle import actions as lifecycle
from supervision.demo.follow_ups import file_of
from supervision.people.models import Person
from supervision.scheduling import actions as scheduling
from supervision.scheduling.rules import times

NAME = "Groupe de supervision du soir"
OPENED = "pied-d-immeuble"  # the situation that Ana opens to it


def plan(cast: dict[str, Person], case_id: UUID, now: datetime) -> None:
    """Sam leads it, in six days; Ana, Paul and Lee have a seat. Paul has read what Ana opened."""
    ana, sam, paul = cast["ana"], cast["sam"], cast["paul"]
    zone = ZoneInfo(sam.zone)
    day = (now + timedelta(days=6)).astimezone(zone).date()
    planned_at, opened_at, read_at = (now - timedelta(hours=hours) for hours in (240, 30, 1))
    session = scheduling.create(
        actor=sam,
        name=NAME,
        times=times(day=day, begins=time(18, 30), ends=time(20, 30), zone=zone),
        participants=[ana, paul, cast["lee"]],
        now=planned_at,
    )
    file = file_of(ana, case_id, opened_at)
    lifecycle.open_to_session(author=ana, file=file, session_id=session.id, now=opened_at)
    cases.record_reading(file=file_of(ana, case_id, read_at), reader=paul, now=read_at)

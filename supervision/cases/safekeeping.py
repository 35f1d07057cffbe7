"""What the author of a case is told beside it: how long it is kept, what holds it, who was let in and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supervision.association.models import Association
from supervision.cases.break_glass import queries as break_glass
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.break_glass.queries import Glass
from supervision.cases.break_glass.rules import reference_of
from supervision.cases.queries import CaseFile
from supervision.cases.retention import queries as retention
from supervision.cases.retention.models import Hold
from supervision.cases.retention.queries import Keeping
from supervision.cases.retention.rules import latest_hold
from supervision.crypto import Keyring


@dataclass(frozen=True)
class Holding:
    """What keeps the case from being purged: whose will it is, and why if it is the committee's."""

    name: str
    is_mine: bool
    placed_at: datetime
    until_on: date | None
    reason: str


@dataclass(frozen=True)
class Opening:
    """The case was, or is, open to two of the committee."""

    glass: Glass
    state: str
    reason: str


@dataclass(frozen=True)
class Safekeeping:
    kept: Keeping | None  # once it is closed
    latest_on: date | None  # up to which day it may be kept
    holds: list[Holding]
    openings: list[Opening]
    reference: str


def safekeeping(file: CaseFile, association: Association, keyring: Keyring, now: datetime) -> Safekeeping:
    """For the author of a case that has its key. Three statements, two while it is open."""
    kept = retention.keeping(file.case.id, association) if file.facts.closed_at else None
    today, months = association.day_of(now), association.retention_months
    return Safekeeping(
        kept=kept,
        latest_on=latest_hold(kept.closed_on, months, today) if kept else None,
        holds=holds(file, today, keyring),
        openings=[
            Opening(glass, glass.state(now), reason(file, glass.row, keyring))
            for glass in break_glass.of_case(file.case.id)
        ],
        reference=reference_of(file.case.id),
    )


def holds(file: CaseFile, today: date, keyring: Keyring) -> list[Holding]:
    found = []
    for hold, person in retention.standing_holds(file.case.id, today):
        words = file.seal(keyring).open_fields(hold.sealed, Hold.__tablename__, hold.id)["text"] if hold.sealed else ""
        is_mine = hold.placed_by == file.case.author_id
        found.append(Holding(person.display_name, is_mine, hold.placed_at, hold.until_on, words))
    return found


def reason(file: CaseFile, row: BreakGlass, keyring: Keyring) -> str:
    """Why two of the committee asked to read."""
    text: str = file.seal(keyring).open_fields(row.sealed, BreakGlass.__tablename__, row.id)["text"]
    return text

"""What follows when somebody does not accept a text in time, in stages: the one rule behind every door.

Nobody is ever excluded by it, reading is never blocked, and signing lifts all of it at once (domain, section 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

# settled: nothing is asked · exempt: for a stated reason · grace: asked, nothing changes yet · first: never signed any
# version, so nothing new before · late: no new case, no new booking · hidden: also not shown in the directory
STAGES = ("settled", "exempt", "grace", "first", "late", "hidden")
_BLOCKING = frozenset({"first", "late", "hidden"})
SAME_STRETCH = timedelta(days=1)  # between a role that ends and the next: somebody is certified, and not new


@dataclass(frozen=True)
class Asked:
    """What is known of one person and the version of a text that asks for her signature."""

    kind: str
    version_id: UUID
    number: int
    effective_on: date
    grace_days: int
    hidden_days: int
    has_consequences: bool
    bound_on: date | None  # since when, without a break, her roles are bound by it; None: it does not ask her
    answer: str | None  # the last one to it, or to a version after it
    signed_before: bool  # some earlier version of the same text
    answered_on: date | None = None
    is_exempt: bool = False
    extended_on: date | None = None  # the last day of the grace that was granted to her alone


@dataclass(frozen=True)
class Duty:
    """Where somebody stands with one text."""

    kind: str
    version_id: UUID
    number: int
    stage: str
    grace_ends_on: date | None  # the last day on which nothing changes
    hidden_on: date | None  # the first day on which she is not shown in the directory
    answer: str | None

    @property
    def is_asked(self) -> bool:
        return self.stage not in {"settled", "exempt"}

    @property
    def blocks_new(self) -> bool:
        """No new case is submitted and no new supervision booked."""
        return self.stage in _BLOCKING

    @property
    def hides(self) -> bool:
        return self.stage == "hidden"


def duty(asked: Asked, today: date) -> Duty:
    """The stage somebody has reached on a day."""
    if asked.bound_on is None or asked.answer == "signed":
        return _duty(asked, "settled")
    if asked.is_exempt:
        return _duty(asked, "exempt")
    grace_ends_on, hidden_on = _turns(asked)
    if not asked.has_consequences:
        return _duty(asked, "grace", grace_ends_on)
    return _duty(asked, _stage(asked, grace_ends_on, hidden_on, today), grace_ends_on, hidden_on)


def _turns(asked: Asked) -> tuple[date, date]:
    """The last day of grace, and the first day out of the directory.

    More time is a later end, never an earlier one. Whoever takes a signature back long after the grace is kept from
    what is new at once, but leaves the directory only after the days that everyone has.
    """
    begins_on = max(asked.effective_on, asked.bound_on or asked.effective_on)
    grace_ends_on = max(begins_on + timedelta(days=asked.grace_days), asked.extended_on or date.min)
    counts_from = grace_ends_on
    if asked.answer == "withdrawn" and asked.answered_on is not None:
        counts_from = max(grace_ends_on, asked.answered_on)
    return grace_ends_on, counts_from + timedelta(days=asked.hidden_days + 1)


def _stage(asked: Asked, grace_ends_on: date, hidden_on: date, today: date) -> str:
    if today >= hidden_on:
        return "hidden"
    if asked.signed_before:
        return "grace" if today <= grace_ends_on else "late"
    return "grace" if asked.extended_on is not None and today <= asked.extended_on else "first"


def _duty(asked: Asked, stage: str, grace_ends_on: date | None = None, hidden_on: date | None = None) -> Duty:
    return Duty(asked.kind, asked.version_id, asked.number, stage, grace_ends_on, hidden_on, asked.answer)


def bound_since(runs: Iterable[tuple[datetime, datetime | None]], end: datetime) -> datetime | None:
    """When the stretch of bound roles began that runs at an instant; None if none runs.

    From one role to the next (certified after training) it is one stretch, and gives no second grace.
    """
    never = datetime.max.replace(tzinfo=end.tzinfo)
    since: datetime | None = None
    until = datetime.min.replace(tzinfo=end.tzinfo)
    for begins_at, ends_at in sorted(runs, key=lambda run: run[0]):
        if since is None or begins_at - until > SAME_STRETCH:
            since = begins_at
        until = max(until, ends_at or never)
    return since if until > end else None

"""What follows when somebody does not accept a text in time, in stages: the one rule behind every door.

Nobody is ever excluded by it, reading is never blocked, and signing lifts all of it at once (domain, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

# settled: nothing is asked · exempt: for a stated reason · grace: asked, nothing changes yet · first: never signed any
# version, so nothing new before · late: no new case, no new booking · hidden: also not shown in the directory
STAGES = ("settled", "exempt", "grace", "first", "late", "hidden")
_BLOCKING = frozenset({"first", "late", "hidden"})


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
    bound_on: date | None  # since when one of her roles is bound by it; None: it does not ask her
    answer: str | None  # the last one to it, or to a version after it
    signed_before: bool  # some earlier version of the same text
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
    begins_on = max(asked.effective_on, asked.bound_on)
    grace_ends_on = begins_on + timedelta(days=asked.grace_days)
    if asked.extended_on is not None:
        grace_ends_on = max(grace_ends_on, asked.extended_on)
    hidden_on = grace_ends_on + timedelta(days=asked.hidden_days + 1)
    stage = _stage(asked, grace_ends_on, hidden_on, today)
    return _duty(asked, stage, grace_ends_on, hidden_on if asked.has_consequences else None)


def _stage(asked: Asked, grace_ends_on: date, hidden_on: date, today: date) -> str:
    if not asked.has_consequences:
        return "grace"
    if today >= hidden_on:
        return "hidden"
    if not asked.signed_before and asked.extended_on is None:
        return "first"
    return "grace" if today <= grace_ends_on else "late"


def _duty(asked: Asked, stage: str, grace_ends_on: date | None = None, hidden_on: date | None = None) -> Duty:
    return Duty(asked.kind, asked.version_id, asked.number, stage, grace_ends_on, hidden_on, asked.answer)


def blocks_new(duties: list[Duty]) -> bool:
    return any(duty.blocks_new for duty in duties)

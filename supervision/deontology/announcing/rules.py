"""When somebody is written to about a text that asks something of her: plain arithmetic of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from supervision.deontology.consequences.rules import Duty

BEFORE_THE_END = 7  # days before the grace ends
TOLD_WITHIN = 14  # days: what was reached longer ago, in an outage or before Prisme wrote about it, is told on the page
MOST = 2000  # mails of one round; the next round goes on where this one stopped

# effective: it is in force · ending: seven days are left · ended: the day after the grace
STAGES = ("effective", "ending", "ended")


@dataclass(frozen=True)
class Reached:
    stage: str
    since_on: date


def reached(duty: Duty, *, grace_days: int, today: date) -> Reached | None:
    """The latest stage; None while nothing is to be said.

    Whoever has refused has answered: she is told once more, when what follows begins, and not asked again and again.
    """
    if not duty.is_asked or duty.grace_ends_on is None:
        return None
    found = _latest(duty.grace_ends_on, grace_days, today)
    if duty.answer == "refused" and found.stage != "ended":
        return None
    return found if is_fresh(found.since_on, today) else None


def _latest(grace_ends_on: date, grace_days: int, today: date) -> Reached:
    begins_on = grace_ends_on - timedelta(days=grace_days)
    ending_on = grace_ends_on - timedelta(days=BEFORE_THE_END)
    ended_on = grace_ends_on + timedelta(days=1)
    if today >= ended_on:
        return Reached("ended", ended_on)
    if today >= ending_on > begins_on:
        return Reached("ending", ending_on)
    return Reached("effective", begins_on)


def of_everyone(*, effective_on: date, grace_days: int, today: date) -> Reached:
    """The stage of whoever was bound from the first day and has no other time than everyone."""
    return _latest(effective_on + timedelta(days=grace_days), grace_days, today)


def is_fresh(since_on: date, today: date) -> bool:
    return 0 <= (today - since_on).days < TOLD_WITHIN

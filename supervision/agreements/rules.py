"""What makes an agreement sound, and what it is on a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


class AgreementRefused(Exception):
    """An agreement that the rules do not allow."""


class NotASupervisor(AgreementRefused):
    """The person named as supervisor does not hold that role."""


class SamePerson(AgreementRefused):
    """Nobody supervises oneself."""


class AgreementExists(AgreementRefused):
    """The two have an agreement, running or proposed, that is not ended."""


class EndsBeforeStart(AgreementRefused):
    """The last day lies before the first."""


class NotASide(AgreementRefused):
    """Only the two people named in an agreement sign it."""


@dataclass(frozen=True)
class AgreementFacts:
    starts_on: date
    ends_on: date | None
    supervisee_signed_at: datetime | None
    supervisor_signed_at: datetime | None
    ended_at: datetime | None


def state(facts: AgreementFacts, today: date) -> str:
    """'ended', 'to-sign', 'to-come' or 'running', from the dates alone."""
    if facts.ended_at is not None or (facts.ends_on is not None and facts.ends_on < today):
        return "ended"
    if facts.supervisee_signed_at is None or facts.supervisor_signed_at is None:
        return "to-sign"
    return "to-come" if facts.starts_on > today else "running"

"""Attempts, pauses and names: plain arithmetic of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

MAX_ATTEMPTS = 5
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
UNREACHED = (timedelta(minutes=1), timedelta(minutes=30))  # shortest and longest pause while no server answers
LEASE = timedelta(minutes=5)  # longer than any honest hand-over; a claim older than this is anyone's again
SAFETY = 0.4  # a batch stops when less than this part of its claim is left
BATCH = 50
NOT_COMPOSED = -1  # in the place of a reply code: the mail could not be rendered

_NAMESPACE = UUID("9a3f0a5e-6d0a-5c0f-8f43-2f6f4d0c7e11")


def next_attempt(*, attempts: int, now: datetime) -> datetime | None:
    """When to try again after the given number of failed attempts; None = give up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + PAUSES[attempts - 1]


def when_reachable(*, created_at: datetime, now: datetime) -> datetime:
    """When to try a mail again that no server was there for: as far ahead as it is old, within bounds, and for ever."""
    shortest, longest = UNREACHED
    return now + min(max(now - created_at, shortest), longest)


def message_id(key: str, domain: str) -> str:
    """The same Message-ID for every attempt at the same mail, so that a mail sent twice is recognisable."""
    return f"<{uuid5(_NAMESPACE, key)}@{domain}>"


@dataclass(frozen=True)
class Planned:
    """A mail that should exist by now. Planning it again changes nothing: the key is its identity."""

    key: str
    kind: str
    person_id: UUID
    subject_id: UUID
    facts: dict[str, Any]

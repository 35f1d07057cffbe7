"""Who can read a situation, as every page that shows one says it. From plain facts; nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Reader:
    """One who can read, or can from `from_at` on: 'author', 'supervisor', 'session' or 'break-glass'.

    The name of a 'session' is the session's: it stands for whoever has a seat in it.
    """

    kind: str
    name: str
    from_at: datetime | None = None
    until: datetime | None = None  # an exception has an end, this instant excluded


@dataclass(frozen=True)
class Opening:
    """The group session that the author opened the situation to."""

    session_name: str
    opens_at: datetime
    closes_at: datetime
    cancelled_at: datetime | None
    author_has_seat: bool


@dataclass(frozen=True)
class BrokenGlass:
    """Members of the committee who were let in together."""

    names: tuple[str, ...]
    confirmed_at: datetime | None
    until: datetime | None
    ended_at: datetime | None


def readers(
    *,
    author: str,
    supervisor: str | None,
    opening: Opening | None,
    broken: Iterable[BrokenGlass],
    is_submitted: bool,
    now: datetime,
) -> list[Reader]:
    """In the order in which they are named. `supervisor` is None where no agreement lets anybody read.

    The law itself is `permissions.visible_cases`; a test holds the two against each other.
    """
    found = [Reader("author", author)]
    if not is_submitted:
        return found
    if supervisor is not None:
        found.append(Reader("supervisor", supervisor))
    if opening is not None and _counts(opening, now):
        found.append(Reader("session", opening.session_name, opening.opens_at, opening.closes_at))
    for glass in broken:
        if glass.confirmed_at and glass.until and glass.ended_at is None and glass.confirmed_at <= now < glass.until:
            found += [Reader("break-glass", name, glass.confirmed_at, glass.until) for name in glass.names]
    return found


def _counts(opening: Opening, now: datetime) -> bool:
    """Still to come or under way. Whoever leaves a group takes her situation along."""
    return opening.author_has_seat and opening.cancelled_at is None and now < opening.closes_at

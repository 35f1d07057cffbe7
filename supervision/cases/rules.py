"""What state its dates put a case in, what each side may do then, and when a feedback is awaited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

SITTING = timedelta(hours=1)  # without a reading: the next one begins another sitting


class CaseRefused(Exception):
    """An act on a case that the rules do not allow."""


class Conflict(CaseRefused):
    """The text was saved from elsewhere since this page was opened."""


class Incomplete(CaseRefused):
    """Required fields are empty; `missing` names them."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("required fields are empty")
        self.missing = missing


class AlreadySubmitted(CaseRefused):
    """The case has left the author's desk: it is read as it was submitted."""


class AlreadyPublished(CaseRefused):
    """This version has its feedback."""


class NotPublished(CaseRefused):
    """There is no feedback to answer yet."""


class NewVersion(CaseRefused):
    """The author sent another version than the one this feedback was written on."""


class NotNow(CaseRefused):
    """The state of the case does not allow this move (any more)."""


class AlreadyAnswered(CaseRefused):
    """The feedback has its answer."""


@dataclass(frozen=True)
class CaseFacts:
    """The dates from which everything else follows. All but the last two speak of the latest version."""

    submitted_at: datetime | None = None
    withdrawn_at: datetime | None = None
    opened_at: datetime | None = None  # first reading by the supervisor
    asked_at: datetime | None = None  # a supplement is asked and not given
    signed_at: datetime | None = None  # the feedback was sent off …
    published_at: datetime | None = None  # … and is out from here on
    read_at: datetime | None = None  # first reading of the feedback by the author
    answered_at: datetime | None = None
    worked_at: datetime | None = None  # the session it was opened to is over
    closed_at: datetime | None = None
    purged_at: datetime | None = None


STATES = (
    "draft",
    "withdrawn",
    "submitted",
    "supplement-asked",
    "being-read",
    "publishing",
    "published",
    "read",
    "answered",
    "worked",
    "closed",
    "purged",
)


def state(facts: CaseFacts, now: datetime) -> str:
    """One of STATES, as whoever may know everything sees it; `as_author_sees` hides what is not out yet."""
    if facts.purged_at is not None:
        return "purged"
    if facts.closed_at is not None:
        return "closed"
    if facts.submitted_at is None:
        return "draft"
    if facts.withdrawn_at is not None:
        return "withdrawn"
    if facts.published_at is not None:
        return _state_of_feedback(facts, facts.published_at, now)
    if facts.asked_at is not None:
        return "supplement-asked"
    return "being-read" if facts.opened_at else "submitted"


def _state_of_feedback(facts: CaseFacts, published_at: datetime, now: datetime) -> str:
    if now < published_at:
        return "publishing"
    if facts.worked_at is not None:
        return "worked"
    if facts.answered_at is not None:
        return "answered"
    return "read" if facts.read_at else "published"


def as_author_sees(state: str) -> str:
    """A feedback that may still be recalled does not exist for its addressee."""
    return "being-read" if state == "publishing" else state


_WRITING = frozenset({"save", "submit", "discard"})
_WAITING = frozenset({"supplement", "revise", "hand-over"})
_READING = frozenset({"ask-supplement", "write-feedback", "publish", "set-deadline"})
_TALKING = frozenset({"message", "close"})
NOTHING: frozenset[str] = frozenset()

# What each side may do in each state. A revision under way (a draft beside a version) adds _WRITING to the author's.
MOVES: dict[str, dict[str, frozenset[str]]] = {
    "draft": {"author": _WRITING, "supervisor": NOTHING},
    "withdrawn": {"author": _WRITING, "supervisor": NOTHING},
    "submitted": {"author": _WAITING | {"withdraw"}, "supervisor": _READING},
    "supplement-asked": {"author": _WAITING, "supervisor": _READING - {"ask-supplement"}},
    "being-read": {"author": _WAITING, "supervisor": _READING},
    "publishing": {"author": _WAITING, "supervisor": frozenset({"recall"})},
    "published": {"author": frozenset({"answer", "revise"}), "supervisor": frozenset({"correct"})},
    "read": {"author": frozenset({"answer", "revise", "close"}), "supervisor": frozenset({"correct"})},
    "answered": {"author": _TALKING | {"revise"}, "supervisor": _TALKING | {"correct"}},
    "worked": {"author": _TALKING | {"answer", "revise"}, "supervisor": _TALKING | {"correct"}},
    "closed": {"author": frozenset({"reopen"}), "supervisor": frozenset({"reopen"})},
    "purged": {"author": NOTHING, "supervisor": NOTHING},
}


def moves(facts: CaseFacts, side: str, now: datetime, *, has_draft: bool, ever_read: bool) -> frozenset[str]:
    """What "author" or "supervisor" may do now.

    `ever_read`: somebody other than the author has opened the case, so it can no longer be taken back unseen.
    """
    is_in = state(facts, now)
    allowed = MOVES[is_in][side]
    if ever_read:
        allowed -= {"withdraw"}
    if facts.answered_at is not None:
        allowed -= {"answer"}
    if has_draft and side == "author" and is_in not in {"closed", "purged"}:
        allowed = (allowed - {"revise", "withdraw", "close"}) | _WRITING
    return allowed


ANNOUNCED_MOST = timedelta(days=366)  # ahead: a mistyped year is no announcement, and calendars end somewhere
UNDO = timedelta(minutes=10)  # between sending a feedback off and its being out


def waits_since(submitted_at: datetime, supplemented_at: datetime | None) -> datetime:
    """From when on the supervisor is the one who is waited for: the last thing the author sent."""
    return max(submitted_at, supplemented_at or submitted_at)


def missing(fields: Mapping[str, Any], required: tuple[str, ...]) -> list[str]:
    """The required fields that are empty, in the order of the form."""
    return [name for name in required if not fields.get(name)]


def awaited_at(*, since: datetime, target_days: int, agreed_on: date | None) -> datetime:
    """By when the feedback is awaited: the end of the day the supervisor announced (in UTC), or the target."""
    if agreed_on is None:
        return since + timedelta(days=target_days)
    return datetime.combine(agreed_on + timedelta(days=1), time(), UTC)


REMINDER_STAGES = (-4, 0, 7)  # days from the deadline: with a target of 14 days, after 10, 14 and 21


def reminder_stage(*, awaited_at: datetime, now: datetime) -> int | None:
    """The latest stage reached, in days from the deadline: after an outage the earlier ones are not made up for."""
    reached = [days for days in REMINDER_STAGES if now >= awaited_at + timedelta(days=days)]
    return max(reached, default=None)


class Reading(Protocol):
    """Who read what, and when."""

    @property
    def reader_id(self) -> UUID: ...
    @property
    def what(self) -> str: ...
    @property
    def read_at(self) -> datetime: ...


R = TypeVar("R", bound=Reading)


def sittings(readings: Iterable[R]) -> list[R]:
    """Of readings, the latest first, those that end a sitting: what one person does without an hour's pause is one.

    Each page that is loaded is a reading and is kept; the author is told how often somebody sat down to her case, and
    not how often its page was asked for while a feedback was written.
    """
    found: list[R] = []
    earlier: dict[tuple[UUID, str], datetime] = {}  # the earliest reading so far of the sitting under way
    for reading in readings:
        same = reading.reader_id, reading.what
        if same not in earlier or earlier[same] - reading.read_at >= SITTING:
            found.append(reading)
        earlier[same] = reading.read_at
    return found

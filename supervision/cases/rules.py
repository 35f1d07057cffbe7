"""What a case must say, what state its dates put it in, and when a late feedback is recalled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

CASE_TEXTS = ("title", "account", "critical_moment", "what_i_did", "question_1", "question_2", "question_3")
CASE_GUARANTEES = ("pseudonyms", "frame_allows", "nobody_questioned")
CASE_FIELDS = (*CASE_TEXTS, *CASE_GUARANTEES, "protection", "supervisor")
CASE_REQUIRED = (
    "title",
    "account",
    "critical_moment",
    "what_i_did",
    "question_1",
    *CASE_GUARANTEES,
    "protection",
    "supervisor",
)
FEEDBACK_REQUIRED = ("heard", "resources", "paths")
FEEDBACK_FIELDS = ("acknowledgement", "heard", "resources", "questions", "hypotheses", "paths", "frame_ethics")
CASE_PARTS = {  # as the page of a draft shows them; a part is done when what it requires is there
    "reperes": ("title", "supervisor"),
    "recit": ("account", "critical_moment", "what_i_did"),
    "demande": ("question_1",),
    "garanties": (*CASE_GUARANTEES, "protection"),
}
FRAME_ETHICS = ("nothing", "to-work-on", "to-handle")
ANSWER_FIELDS = ("tried", "happened", "usefulness")
ANSWER_REQUIRED = ("tried",)

REMINDER_DAYS = (10, 14, 21)
SITTING = timedelta(hours=1)


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


class AlreadyAnswered(CaseRefused):
    """The feedback has its answer."""


@dataclass(frozen=True)
class CaseFacts:
    """The dates from which everything else follows."""

    submitted_at: datetime | None = None
    opened_at: datetime | None = None  # first reading by the supervisor
    published_at: datetime | None = None
    read_at: datetime | None = None  # first reading of the feedback by the author
    answered_at: datetime | None = None


def state(facts: CaseFacts) -> str:
    """draft, submitted, being-read, published, read or answered."""
    if facts.submitted_at is None:
        return "draft"
    if facts.published_at is None:
        return "being-read" if facts.opened_at else "submitted"
    if facts.answered_at is not None:
        return "answered"
    return "read" if facts.read_at else "published"


def missing(fields: Mapping[str, Any], required: tuple[str, ...]) -> list[str]:
    """The required fields that are empty, in the order of the form."""
    return [name for name in required if not fields.get(name)]


def reminder_stage(*, submitted_at: datetime, now: datetime) -> int | None:
    """The latest stage reached, in days: after an outage the earlier ones are not made up for."""
    reached = [days for days in REMINDER_DAYS if now - submitted_at >= timedelta(days=days)]
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


def sittings(readings: Iterable[R]) -> list[tuple[R, int]]:
    """Readings, the latest first, with those of one person within an hour of each other as one, and how many it is.

    A reload is a reading too and is kept; the author is spared a line for each.
    """
    lines: list[tuple[R, int]] = []
    for reading in readings:
        later, count = lines[-1] if lines else (None, 0)
        same = later is not None and (later.reader_id, later.what) == (reading.reader_id, reading.what)
        if later is not None and same and later.read_at - reading.read_at <= SITTING:
            lines[-1] = (later, count + 1)
        else:
            lines.append((reading, 1))
    return lines

"""When a text has been shown in full, and what a person is asked to answer to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.deontology.rules import AnswerRefused


class NotShown(AnswerRefused):
    """The text was not shown to its end, in the language in which it is answered."""


class ClockBehind(AnswerRefused):
    """This machine believes it is earlier than when the last answer was recorded: a date would be false."""


class NothingToWithdraw(AnswerRefused):
    """No signature of this text stands."""


LAG = timedelta(minutes=5)  # by which the clocks of two machines may differ, and two answers overtake each other


def refuse_past(now: datetime, last_at: datetime | None) -> None:
    """Raises:
    ClockBehind: the last answer was recorded well after what is now taken for the present.
    """
    if last_at is not None and now < last_at - LAG:
        raise ClockBehind


@dataclass(frozen=True)
class Progress:
    """How far one person has come in a version: the slugs of its articles in order, and those she was shown."""

    articles: tuple[str, ...]
    shown: frozenset[str]
    way: str = "whole"

    @property
    def left(self) -> int:
        return sum(slug not in self.shown for slug in self.articles)

    @property
    def is_complete(self) -> bool:
        return self.left == 0

    @property
    def is_begun(self) -> bool:
        return 0 < self.left < len(self.articles)

    @property
    def next(self) -> str | None:
        """The first article that was not shown yet."""
        return next((slug for slug in self.articles if slug not in self.shown), None)

    def may_open(self, slug: str) -> bool:
        """Those already shown, and the next one: none is skipped."""
        return slug in self.shown or slug == self.next


def progress(articles: Sequence[str], shown: str, way: str = "whole") -> Progress:
    """`shown` as it is kept: slugs separated by commas."""
    return Progress(tuple(articles), frozenset(filter(None, shown.split(","))) & set(articles), way)


def with_more(shown: str, more: Collection[str]) -> str:
    """What is kept once these articles were shown too."""
    before = [slug for slug in shown.split(",") if slug]
    return ",".join(before + [slug for slug in dict.fromkeys(more) if slug not in before])


def question(*, change: str, has_signed: bool, last: str | None) -> str | None:
    """What is asked of somebody about the version in force: "sign", "inform", or None if nothing is.

    `last` is her last answer to this very version. A minor version asks whoever has signed to take note, once.
    """
    if not has_signed:
        return "sign"
    return "inform" if change == "minor" and last is None else None

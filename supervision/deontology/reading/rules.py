"""Which of a text's versions holds on a day, and for how long each did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from supervision.deontology.models import TextVersion


@dataclass(frozen=True)
class Standing:
    """state: announced (its day is to come) · in-force · replaced."""

    state: str
    number: int
    change: str  # major | minor
    since_on: date
    until_on: date | None  # the day on which the following version replaces it, or will; None: none is published
    followed_by: int | None

    @property
    def is_in_force(self) -> bool:
        return self.state == "in-force"


def standings(versions: Iterable[TextVersion], today: date) -> dict[int, Standing]:
    """By number, the newest first."""
    in_time = sorted(versions, key=lambda version: version.effective_on)
    found = {}
    for version, following in zip(in_time, [*in_time[1:], None], strict=True):
        found[version.number] = Standing(
            state=_state(version, following, today),
            number=version.number,
            change=version.change,
            since_on=version.effective_on,
            until_on=following.effective_on if following else None,
            followed_by=following.number if following else None,
        )
    return dict(reversed(found.items()))


def _state(version: TextVersion, following: TextVersion | None, today: date) -> str:
    if version.effective_on > today:
        return "announced"
    return "replaced" if following is not None and following.effective_on <= today else "in-force"


def number_in_force(found: Iterable[Standing]) -> int | None:
    return next((standing.number for standing in found if standing.is_in_force), None)


def neighbours(slugs: Sequence[str], slug: str) -> tuple[int, int | None, int | None]:
    """The place of an article, of the one before and of the one after.

    Raises:
        ValueError: the version has no such article.
    """
    at = slugs.index(slug)
    return at, at - 1 if at else None, at + 1 if at + 1 < len(slugs) else None

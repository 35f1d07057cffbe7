"""What a draft must hold before somebody else reads it over, and what may happen to it then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

MOST_DAYS = 730  # of grace, and until somebody is hidden: the database says the same


class DraftRefused(Exception):
    """A change of a draft that cannot be made."""


class StaleDraft(DraftRefused):
    """The draft is not as the page showed it any more, or there is none."""


class UnknownArticle(DraftRefused):
    """There is no such article (any more)."""


class FullText(DraftRefused):
    """A text of that many articles would not be read."""


class SamePerson(DraftRefused):
    """Whoever asked for the review does not answer it."""


class NotReviewed(DraftRefused):
    """Nobody else has approved this draft as it stands."""


class KindKept(DraftRefused):
    """The code of ethics is always there."""


@dataclass(frozen=True)
class Problem:
    """What is missing. `where`: "texte", "publication", "articles", or the id of an article; `field` on its page."""

    where: str
    field: str
    what: str


class UnsoundDraft(DraftRefused):
    """Something is missing; it is named."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("unsound draft")
        self.problems = problems


@dataclass(frozen=True)
class Terms:
    """When a version binds, whom, and what follows."""

    change: str
    effective_on: date | None
    grace_days: int
    hidden_days: int
    bound_roles: tuple[str, ...]


@dataclass(frozen=True)
class Last:
    """The version that was published last."""

    number: int
    effective_on: date


def problems(content: Mapping[str, Any], terms: Terms, *, last: Last | None, today: date) -> list[Problem]:
    """Everything that keeps a draft from being read over and published, in the order of the page."""
    return [*_of_texts(content, last), *_of_articles(content["article"]), *_of_terms(terms, last, today)]


def _of_texts(content: Mapping[str, Any], last: Last | None) -> Iterator[Problem]:
    yield from _languages(content, "texte", "title", must=True)
    yield from _languages(content, "texte", "preamble", must=False)
    yield from _languages(content, "texte", "sentence", must=True)
    yield from _languages(content, "texte", "summary", must=last is not None)


def _languages(words: Mapping[str, Any], where: str, name: str, *, must: bool) -> Iterator[Problem]:
    french, english = words.get(f"{name}_fr"), words.get(f"{name}_en")
    if french and english:
        return
    if french or english:
        yield Problem(where, f"{name}_en" if french else f"{name}_fr", "no-translation")
    elif must:
        yield Problem(where, f"{name}_fr", f"no-{name}")


def _of_articles(articles: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    staying = [article for article in articles if not article.get("removed")]
    if not staying:
        yield Problem("articles", "", "no-article")
    for article in staying:
        yield from _languages(article, article["id"], "title", must=True)
        yield from _languages(article, article["id"], "body", must=True)


def _of_terms(terms: Terms, last: Last | None, today: date) -> Iterator[Problem]:
    if last is None and terms.change != "major":
        yield Problem("publication", "change", "first-is-major")
    if terms.effective_on is None:
        yield Problem("publication", "effective_on", "no-day")
    elif terms.effective_on < today:
        yield Problem("publication", "effective_on", "day-is-past")
    elif last is not None and terms.effective_on <= last.effective_on:
        yield Problem("publication", "effective_on", "day-is-taken")


def state(*, review_asked_by: UUID | None, approved_at: datetime | None) -> str:
    """writing | in-review | approved"""
    if review_asked_by is None:
        return "writing"
    return "in-review" if approved_at is None else "approved"

"""Publishing a version and answering it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text

from supervision.audit import actions as audit
from supervision.db import db
from supervision.deontology import queries
from supervision.deontology.models import Acknowledgement, Article, TextKind, TextVersion
from supervision.deontology.rules import (
    CODE,
    GENESIS,
    GRACE_DAYS,
    HIDDEN_DAYS,
    AnsweredAlready,
    ArticleText,
    NameDiffers,
    SupersededVersion,
    exact_text,
    may_follow,
    row_hash,
    same_name,
    text_sha256,
    verification_code,
)
from supervision.ids import new_id
from supervision.people.models import Person

_CHAIN_LOCK = 7_301_004  # any constant: the advisory lock that lets one transaction at a time extend the chain
_HASHES = {"previous_hash", "row_hash"}
_TEXTS = ("title", "preamble", "summary", "sentence")


def add_kind(
    *, slug: str, name_fr: str, name_en: str, position: int, is_public: bool, has_consequences: bool
) -> TextKind:
    kind = TextKind(
        slug=slug,
        name_fr=name_fr,
        name_en=name_en,
        position=position,
        is_public=is_public,
        has_consequences=has_consequences,
    )
    db.session.add(kind)
    db.session.flush()
    return kind


def publish(
    *,
    actor: Person | None,
    kind: str = CODE,
    number: int,
    change: str,
    effective_on: date,
    texts: Mapping[str, Any],
    now: datetime,
    grace_days: int = GRACE_DAYS,
    hidden_days: int = HIDDEN_DAYS,
    bound_roles: Sequence[str] = (),
    approved_by: Person | None = None,
) -> TextVersion:
    """Publish a version. `texts` has the shape of `sample_code.toml`: two languages throughout.

    Whoever holds one of `bound_roles` is asked; without any, every member is.
    """
    both = {f"{name}_{language}": texts[f"{name}_{language}"] for name in _TEXTS for language in ("fr", "en")}
    version = TextVersion(
        id=new_id(),
        kind=kind,
        number=number,
        change=change,
        effective_on=effective_on,
        grace_days=grace_days,
        hidden_days=hidden_days,
        bound_roles=",".join(bound_roles),
        published_at=now,
        published_by=actor.id if actor else None,
        approved_by=approved_by.id if approved_by else None,
        **both,
    )
    version.articles = [_article(position, article) for position, article in enumerate(texts["article"], start=1)]
    db.session.add(version)
    db.session.flush()
    audit.record(
        actor_id=actor.id if actor else None,
        action="code-published" if kind == CODE else "text-published",
        subject=f"text-version/{version.id}",
        now=now,
        number=number,
    )
    return version


def _article(position: int, article: Mapping[str, str]) -> Article:
    return Article(
        id=new_id(),
        position=position,
        slug=article["id"],
        title_fr=article["title_fr"],
        title_en=article["title_en"],
        body_fr=article["body_fr"],
        body_en=article["body_en"],
    )


@dataclass(frozen=True)
class Given:
    """An answer as somebody gave it, and how it is known that it was her."""

    answer: str  # signed | refused | informed | withdrawn
    language: str
    typed_name: str
    shown: str = "whole"
    authenticated_how: str = "session"
    authenticated_at: datetime | None = None


def answer(*, person: Person, version: TextVersion, given: Given, now: datetime, today: date) -> Acknowledgement:
    """Add an answer about the version in force to the chain, with the hash of the text that was shown.

    Raises:
        SupersededVersion, AnsweredAlready, NameDiffers: nothing is recorded.
    """
    _alone_on_the_chain()
    refuse_unfit(person, version, given, today)
    last = queries.last_answer()
    row = Acknowledgement(
        id=new_id(),
        number=last.number + 1 if last else 1,
        person_id=person.id,
        version_id=version.id,
        text_sha256=text_sha256(shown_text(version, given.language)),
        sentence=getattr(version, f"sentence_{given.language}") if given.answer == "signed" else "",
        code=verification_code(),
        answered_at=now,
        previous_hash=last.row_hash if last else GENESIS,
        row_hash="",
        **asdict(given),
    )
    row.row_hash = row_hash(chained(row), row.previous_hash)
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor_id=person.id,
        action=f"code-{row.answer}",
        subject=f"text-version/{version.id}",
        now=now,
        number=row.number,
        row_hash=row.row_hash,  # so that the record, a chain of its own, vouches for the end of this one too
    )
    return row


def _alone_on_the_chain() -> None:
    """SQLite writers are alone by nature; on PostgreSQL a lock held until the commit makes them so."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})


def refuse_unfit(person: Person, version: TextVersion, given: Given, today: date) -> None:
    in_force = queries.version_in_force(today, version.kind)
    if given.answer != "withdrawn" and (in_force is None or in_force.id != version.id):
        raise SupersededVersion
    last = queries.answer_to(version.id, person.id)
    if not may_follow(last.answer if last else None, given.answer):
        raise AnsweredAlready
    if given.answer in {"signed", "withdrawn"} and not same_name(given.typed_name, person.display_name):
        raise NameDiffers


def chained(row: Acknowledgement) -> dict[str, Any]:
    """What the chain vouches for: every column of an answer but the hashes themselves, as text."""
    columns = (column.key for column in Acknowledgement.__table__.columns if column.key not in _HASHES)
    return {name: _as_text(getattr(row, name)) for name in columns}


def _as_text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def shown_text(version: TextVersion, language: str) -> str:
    articles = [
        ArticleText(a.slug, getattr(a, f"title_{language}"), getattr(a, f"body_{language}")) for a in version.articles
    ]
    return exact_text(
        title=getattr(version, f"title_{language}"),
        preamble=getattr(version, f"preamble_{language}"),
        articles=articles,
        sentence=getattr(version, f"sentence_{language}"),
    )

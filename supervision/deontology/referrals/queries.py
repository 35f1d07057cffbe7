"""What screens, mails and the committee's list ask about referrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology.models import Article, TextVersion
from supervision.deontology.referrals import sealing
from supervision.deontology.referrals.models import Recusal, Referral, ReferralEntry, ReferralReading
from supervision.people import queries as people
from supervision.people.models import Person

COMMITTEE = "committee"
_TABLE = Referral.__tablename__


@dataclass(frozen=True)
class Entry:
    """One thing said or done, opened."""

    id: UUID
    kind: str
    by: str
    is_authors: bool
    at: datetime
    held_on: date | None
    fields: dict[str, Any]


@dataclass(frozen=True)
class About:
    """The text, and the article of it, that a question is about."""

    version: TextVersion
    article: Article | None


@dataclass(frozen=True)
class Line:
    """One row of a list."""

    id: UUID
    kind: str
    title: str | None  # None: purged
    author: str
    opened_at: datetime
    closed_at: datetime | None
    waits_since: datetime | None  # the author has the last word, and waits
    answered_by: str | None
    answered_at: datetime | None
    has_news: bool  # for whoever asks


def by_press(press: UUID) -> Referral | None:
    return db.session.scalar(select(Referral).where(Referral.press == press))


def is_written(press: UUID) -> bool:
    return db.session.scalar(select(ReferralEntry.id).where(ReferralEntry.press == press)) is not None


def find(visible: Select[Referral], referral_id: UUID) -> Referral | None:
    return db.session.scalar(visible.where(Referral.id == referral_id))


def members(author_id: UUID, now: datetime) -> Sequence[Person]:
    """Who of the committee could read what this person brings, by name: never herself."""
    return [member for member in people.holders(COMMITTEE, now) if member.id != author_id]


def set_aside(referral_id: UUID) -> frozenset[UUID]:
    return frozenset(db.session.scalars(select(Recusal.person_id).where(Recusal.referral_id == referral_id)))


def recusals(referral_id: UUID) -> list[tuple[Recusal, str]]:
    """Who was set aside, by whom and since when, in order."""
    rows = select(Recusal, Person.display_name).join(Person, Person.id == Recusal.person_id)
    rows = rows.where(Recusal.referral_id == referral_id).order_by(Recusal.asked_at, Person.name_key)
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def readings(referral: Referral) -> list[tuple[str, datetime]]:
    """Each time somebody of the committee opened it, the latest first."""
    rows = select(Person.display_name, ReferralReading.read_at).join(Person, Person.id == ReferralReading.reader_id)
    rows = rows.where(ReferralReading.referral_id == referral.id, ReferralReading.reader_id != referral.author_id)
    return [(row[0], row[1]) for row in db.session.execute(rows.order_by(ReferralReading.read_at.desc()).limit(200))]


def entries(referral: Referral, keyring: Keyring, *, with_notes: bool) -> list[Entry]:
    """Everything said, in order. The committee's notes only for the committee."""
    seal = sealing.opened(keyring, referral)
    rows = select(ReferralEntry, Person.display_name).join(Person, Person.id == ReferralEntry.by_id)
    rows = rows.where(ReferralEntry.referral_id == referral.id)
    if not with_notes:
        rows = rows.where(ReferralEntry.kind != "note")
    found = db.session.execute(rows.order_by(ReferralEntry.written_at, ReferralEntry.id)).all()
    return [
        Entry(
            id=row.id,
            kind=row.kind,
            by=name,
            is_authors=row.by_id == referral.author_id,
            at=row.written_at,
            held_on=row.held_on,
            fields=seal.open_fields(row.sealed, ReferralEntry.__tablename__, row.id),
        )
        for row, name in found
    ]


def title_of(referral: Referral, keyring: Keyring) -> str:
    return sealing.opened(keyring, referral).open_title(referral.sealed_title, _TABLE, referral.id)


def about(version_id: UUID | None, slug: str | None) -> About | None:
    """What it is about, if that is a version and an article of it."""
    version = db.session.get(TextVersion, version_id) if version_id else None
    if version is None:
        return None
    article = select(Article).where(Article.version_id == version.id, Article.slug == slug)
    return About(version, db.session.scalar(article) if slug else None)


# --- news and waiting -------------------------------------------------------------------------------------------------


def is_news_to(person_id: UUID) -> ColumnElement[bool]:
    """Of an entry that is no note: somebody else wrote it, and this person has not opened the referral since."""
    read = exists().where(
        ReferralReading.referral_id == ReferralEntry.referral_id,
        ReferralReading.reader_id == person_id,
        ReferralReading.read_at >= ReferralEntry.written_at,
    )
    return and_(ReferralEntry.kind != "note", ReferralEntry.by_id != person_id, ~read.correlate(ReferralEntry))


def has_news(referral_id: UUID, person_id: UUID) -> bool:
    news = select(ReferralEntry.id).where(ReferralEntry.referral_id == referral_id, is_news_to(person_id))
    return db.session.scalar(news.limit(1)) is not None


def is_entry_news(entry_id: UUID, person_id: UUID) -> bool:
    news = select(ReferralEntry.id).where(ReferralEntry.id == entry_id, is_news_to(person_id))
    return db.session.scalar(news) is not None


def last_entry() -> ScalarSelect[UUID]:
    """The last thing both sides see."""
    return _latest(ReferralEntry.kind != "note")


def _latest(*wanted: ColumnElement[bool]) -> ScalarSelect[UUID]:
    rows = select(ReferralEntry.id).where(ReferralEntry.referral_id == Referral.id, *wanted).correlate(Referral)
    return rows.order_by(ReferralEntry.written_at.desc(), ReferralEntry.id.desc()).limit(1).scalar_subquery()


# --- lists ------------------------------------------------------------------------------------------------------------

_Last = aliased(ReferralEntry, name="last_entry")
_Answer = aliased(ReferralEntry, name="last_answer")
_Answering = aliased(Person, name="answering")


def lines(
    visible: Select[Referral], keyring: Keyring, *, reader_id: UUID, limit: int, after: UUID | None = None
) -> list[Line]:
    """Open ones first, the earliest on top; then closed ones, the latest on top. Paged by key. One statement."""
    by_committee = and_(ReferralEntry.kind != "note", ReferralEntry.by_id != Referral.author_id)
    news = exists().where(ReferralEntry.referral_id == Referral.id, is_news_to(reader_id)).correlate(Referral)
    rows = (
        _from(visible, after)
        .join(Person, Person.id == Referral.author_id)
        .outerjoin(_Last, _Last.id == last_entry())
        .outerjoin(_Answer, _Answer.id == _latest(by_committee))
        .outerjoin(_Answering, _Answering.id == _Answer.by_id)
        .add_columns(
            Person.display_name.label("author"),
            case((_Last.by_id == Referral.author_id, _Last.written_at)).label("waits_since"),
            _Answering.display_name.label("answered_by"),
            _Answer.written_at.label("answered_at"),
            news.label("has_news"),
        )
    )
    is_closed = case((Referral.closed_at.is_(None), 0), else_=1)
    open_id = case((Referral.closed_at.is_(None), Referral.id))
    found = db.session.execute(rows.order_by(is_closed, open_id, Referral.id.desc()).limit(limit)).all()
    return [_line(row, keyring) for row in found]


def _from(visible: Select[Referral], after: UUID | None) -> Select[Any]:
    """Those that come after this one in the order of the list."""
    last = visible.where(Referral.id == after) if after else None
    found = db.session.scalar(last) if last is not None else None
    if found is None:
        return visible
    closed_below = and_(Referral.closed_at.is_not(None), Referral.id < found.id)
    if found.closed_at is not None:
        return visible.where(closed_below)
    return visible.where(or_(Referral.closed_at.is_not(None), Referral.id > found.id))


def _line(row: Any, keyring: Keyring) -> Line:
    referral: Referral = row[0]
    return Line(
        id=referral.id,
        kind=referral.kind,
        title=title_of(referral, keyring) if referral.wrapped else None,
        author=row.author,
        opened_at=referral.opened_at,
        closed_at=referral.closed_at,
        waits_since=row.waits_since if referral.closed_at is None else None,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        has_news=row.has_news and referral.wrapped is not None,
    )


def how_many_wait(visible: Select[Referral]) -> int:
    """Open ones whose author has the last word."""
    rows = visible.join(_Last, _Last.id == last_entry())
    rows = rows.where(Referral.closed_at.is_(None), _Last.by_id == Referral.author_id)
    return db.session.scalar(rows.with_only_columns(func.count(), maintain_column_froms=True)) or 0

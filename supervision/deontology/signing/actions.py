"""Verbs of signing: noting what was shown, answering, taking a signature back. No commit here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from supervision.db import db, insert
from supervision.deontology import actions as texts
from supervision.deontology import queries as all_texts
from supervision.deontology.actions import Given
from supervision.deontology.models import Acknowledgement, TextVersion
from supervision.deontology.signing import queries
from supervision.deontology.signing.models import TextShown
from supervision.deontology.signing.rules import NothingToWithdraw, NotShown, Progress, refuse_past, with_more
from supervision.outbox import actions as outbox
from supervision.people.models import Person


def note_shown(
    *, person: Person, version: TextVersion, language: str, articles: Collection[str], way: str, now: datetime
) -> Progress:
    """Keep that these articles were shown. Slugs of no article of the version are left out."""
    key = {"person_id": person.id, "version_id": version.id, "language": language}
    begun = insert(TextShown).values(articles="", way=way, begun_at=now, shown_at=now, **key)
    db.session.execute(begun.on_conflict_do_nothing(index_elements=list(key)))
    row = db.session.scalars(select(TextShown).filter_by(**key).with_for_update()).one()
    known = {article.slug for article in version.articles}
    row.articles = with_more(row.articles, [slug for slug in articles if slug in known])
    row.way = "articles" if way == "articles" else row.way
    row.shown_at = now
    db.session.flush()
    return queries.progress(person.id, version, language)


def answer(*, person: Person, version: TextVersion, given: Given, now: datetime, today: date) -> Acknowledgement:
    """Record an answer to a version that was shown in full, and send the person the way to its receipt.

    Raises:
        NotShown: something of it was not shown yet in this language.
        SupersededVersion, AnsweredAlready, NameDiffers, ClockBehind: nothing is recorded.
    """
    if given.answer in {"signed", "refused"}:
        given = replace(given, shown=_shown(person, version, given.language).way)
    return _recorded(person, version, given, now, today)


def refuse_unfit(person: Person, version: TextVersion, given: Given, today: date) -> None:
    """The same refusals as `answer`, before a password is asked for."""
    texts.refuse_unfit(person, version, given, today)
    _shown(person, version, given.language)


def _shown(person: Person, version: TextVersion, language: str) -> Progress:
    progress = queries.progress(person.id, version, language)
    if not progress.is_complete:
        raise NotShown
    return progress


def withdraw(*, person: Person, kind: str, given: Given, now: datetime, today: date) -> Acknowledgement:
    """Take back the signature of a text that stands.

    Raises:
        NothingToWithdraw: none does.
        NameDiffers, ClockBehind: nothing is recorded.
    """
    return _recorded(person, standing(person, kind, today), given, now, today)


def _recorded(person: Person, version: TextVersion, given: Given, now: datetime, today: date) -> Acknowledgement:
    last = all_texts.last_answer()
    refuse_past(now, last.answered_at if last else None)
    row = texts.answer(person=person, version=version, given=given, now=now, today=today)
    _send_receipt(row, now)
    return row


def standing(person: Person, kind: str, today: date) -> TextVersion:
    """The version of this text by which the person is bound now.

    Raises:
        NothingToWithdraw: she is bound by none.
    """
    major = all_texts.newest_major(today, kind)
    signature = all_texts.signature(person.id, major) if major else None
    if signature is None:
        raise NothingToWithdraw
    return signature.version


def _send_receipt(row: Acknowledgement, now: datetime) -> None:
    if row.answer != "informed":
        key = f"answer-receipt/{row.id}"
        outbox.put(key=key, kind="answer-receipt", person_id=row.person_id, subject_id=row.id, now=now)

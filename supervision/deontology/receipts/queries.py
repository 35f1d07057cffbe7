"""Receipts: a person's own answers, and what a code says to whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from supervision.db import db
from supervision.deontology.models import Acknowledgement, TextVersion
from supervision.deontology.receipts.rules import state

_Later = aliased(Acknowledgement)
_Major = aliased(TextVersion)


@dataclass(frozen=True)
class Receipt:
    """An answer, the version it was given to and, of a signature, what it is worth today."""

    row: Acknowledgement
    version: TextVersion
    state: str | None


@dataclass(frozen=True)
class Verified:
    """Everything that whoever holds a code is told, and nothing else."""

    state: str
    name: str
    title_fr: str
    title_en: str
    number: int
    signed_at: datetime


def receipts(visible: Select[Acknowledgement], today: date, *, limit: int, before: int | None = None) -> list[Receipt]:
    """From the latest to the first, paged by number. One statement."""
    rows = _judged(visible, today).order_by(Acknowledgement.number.desc()).limit(limit)
    if before is not None:
        rows = rows.where(Acknowledgement.number < before)
    return [_receipt(row, is_withdrawn, newest) for row, is_withdrawn, newest in db.session.execute(rows)]


def receipt(visible: Select[Acknowledgement], number: int, today: date) -> Receipt | None:
    found = db.session.execute(_judged(visible, today).where(Acknowledgement.number == number)).one_or_none()
    return None if found is None else _receipt(*found)


def _judged(rows: Select[Acknowledgement], today: date) -> Select[Acknowledgement, bool, date | None]:
    """With whether it was taken back later, and since when a major version of the text is in force."""
    taken_back = exists().where(
        _Later.person_id == Acknowledgement.person_id,
        _Later.version_id == Acknowledgement.version_id,
        _Later.answer == "withdrawn",
        _Later.number > Acknowledgement.number,
    )
    newest = select(func.max(_Major.effective_on)).where(
        _Major.kind == TextVersion.kind, _Major.change == "major", _Major.effective_on <= today
    )
    return (
        rows.join(TextVersion, TextVersion.id == Acknowledgement.version_id)
        .options(joinedload(Acknowledgement.version))
        .add_columns(taken_back.correlate(Acknowledgement), newest.correlate(TextVersion).scalar_subquery())
    )


def _receipt(row: Acknowledgement, is_withdrawn: bool, newest: date | None) -> Receipt:
    worth = state(version_from=row.version.effective_on, newest_major_from=newest, is_withdrawn=is_withdrawn)
    return Receipt(row, row.version, worth if row.answer == "signed" else None)


def verified(code: str, today: date) -> Verified | None:
    """What a signature's code says. Of an answer that is no signature, nothing is told."""
    signed = select(Acknowledgement).where(Acknowledgement.code == code, Acknowledgement.answer == "signed")
    found = db.session.execute(_judged(signed, today)).one_or_none()
    if found is None:
        return None
    one = _receipt(*found)
    return Verified(
        state=one.state or "",
        name=one.row.typed_name,
        title_fr=one.version.title_fr,
        title_en=one.version.title_en,
        number=one.version.number,
        signed_at=one.row.answered_at,
    )

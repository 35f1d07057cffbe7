"""A trainee's thread: what she asked, what she heard, what she tried. Opened for the length of one request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, select

from supervision.cases.feedback.models import Answer, Feedback
from supervision.cases.finding.queries import Asked
from supervision.cases.form import rules as forms
from supervision.cases.models import Case, CaseKey, CaseReading, CaseVersion
from supervision.cases.queries import is_latest, is_recalled, is_withdrawn
from supervision.cases.sealing import CaseSeal
from supervision.cases.thread.rules import Competence, Counts, Quarter
from supervision.crypto import Keyring, WrappedKey
from supervision.db import db
from supervision.people.models import Person

QUESTIONS = ("question_1", "question_2", "question_3")


@dataclass(frozen=True)
class Step:
    """One version: what was asked with it, and what came of it as far as it is out."""

    submitted_at: datetime
    questions: list[str]
    is_unread: bool  # a feedback is out, and its addressee has not opened it: nothing of it is told here
    heard: str
    experiment: str
    by: str | None
    heard_at: datetime | None
    follow_up_on: date | None
    tried: str
    outcome: str  # a code of the answer's rules
    tried_at: datetime | None


@dataclass(frozen=True)
class Entry:
    case_id: UUID
    title: str
    steps: list[Step]


def entries(
    mine: Select[Case], keyring: Keyring, now: datetime, *, limit: int, before: UUID | None = None
) -> list[Entry]:
    """Submitted cases, the newest first, paged by id. Two statements. A feedback that is not out does not exist."""
    standing = exists().where(CaseVersion.case_id == Case.id, ~is_withdrawn())
    page = mine.join(CaseKey, CaseKey.case_id == Case.id).where(standing).order_by(Case.id.desc()).limit(limit)
    if before is not None:
        page = page.where(Case.id < before)
    keys = page.with_only_columns(Case.id, CaseKey.generation, CaseKey.wrapped)
    seals = {
        row.id: CaseSeal.open(keyring, row.id, WrappedKey(row.generation, row.wrapped))
        for row in db.session.execute(keys)
    }
    steps = _rows(list(seals), now) if seals else []
    return [_entry(case_id, seal, [row for row in steps if row.case_id == case_id]) for case_id, seal in seals.items()]


def _rows(case_ids: Sequence[UUID], now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    out = and_(Feedback.version_id == CaseVersion.id, Feedback.published_at <= now, ~is_recalled())
    rows = (
        select(
            CaseVersion.case_id,
            CaseVersion.id,
            CaseVersion.sealed,
            CaseVersion.submitted_at,
            Feedback.id.label("feedback_id"),
            Feedback.sealed.label("feedback_sealed"),
            Feedback.published_at,
            Person.display_name,
            Answer.id.label("answer_id"),
            Answer.sealed.label("answer_sealed"),
            Answer.answered_at,
            _was_read().label("was_read"),
        )
        .select_from(CaseVersion)
        .outerjoin(Feedback, out)
        .outerjoin(Person, Person.id == Feedback.author_id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .where(CaseVersion.case_id.in_(case_ids), ~is_withdrawn())
        .order_by(CaseVersion.number)
    )
    return db.session.execute(rows).all()


def _was_read() -> ColumnElement[bool]:
    """Opening the feedback is what its author sees: nothing of it is read elsewhere before."""
    author = select(Case.author_id).where(Case.id == CaseVersion.case_id).correlate(CaseVersion).scalar_subquery()
    return exists().where(
        CaseReading.case_id == CaseVersion.case_id,
        CaseReading.what == "feedback",
        CaseReading.reader_id == author,
        CaseReading.read_at >= Feedback.published_at,
    )


def _entry(case_id: UUID, seal: CaseSeal, rows: Sequence[Row[*tuple[Any, ...]]]) -> Entry:
    """A version that was replaced before it was answered says nothing that the next one does not."""
    told = [row for row in rows if row.feedback_id is not None or row is rows[-1]]
    opened = [seal.open_fields(row.sealed, CaseVersion.__tablename__, row.id) for row in told]
    steps = [_step(row, fields, seal) for row, fields in zip(told, opened, strict=True)]
    return Entry(case_id, opened[-1].get("title") or "", steps)


def _step(row: Row[*tuple[Any, ...]], fields: Mapping[str, Any], seal: CaseSeal) -> Step:
    said: dict[str, Any] = {}
    tried: dict[str, Any] = {}
    if row.feedback_id is not None and row.was_read:
        said = seal.open_fields(row.feedback_sealed, Feedback.__tablename__, row.feedback_id)
    if row.answer_id is not None:
        tried = seal.open_fields(row.answer_sealed, Answer.__tablename__, row.answer_id)
    return Step(
        submitted_at=row.submitted_at,
        questions=[fields[key] for key in QUESTIONS if fields.get(key)],
        is_unread=row.feedback_id is not None and not row.was_read,
        heard=said.get("heard") or "",
        experiment=said.get("experiment") or "",
        by=row.display_name,
        heard_at=row.published_at,
        follow_up_on=date.fromisoformat(said["follow_up_on"]) if said.get("follow_up_on") else None,
        tried=tried.get("tried") or "",
        outcome=tried.get("outcome") or "",
        tried_at=row.answered_at,
    )


# --- competences ------------------------------------------------------------------------------------------------------


def touched(mine: Select[Case], asked: Mapping[UUID, Asked], keyring: Keyring, *, since: Quarter) -> Counts:
    """In how many of these cases each competence was touched, by the quarter in which they took place.

    A case that took place since a day was submitted since that day: what is older is not opened.
    """
    begins_at = datetime.combine(since.starts_on, time(), UTC) - timedelta(days=1)
    rows = (
        mine.join(CaseKey, CaseKey.case_id == Case.id)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .where(is_latest(), ~is_withdrawn(), CaseVersion.submitted_at >= begins_at)
        .with_only_columns(
            Case.id,
            CaseKey.generation,
            CaseKey.wrapped,
            CaseVersion.id.label("version_id"),
            CaseVersion.sealed,
            CaseVersion.form_version_id,
        )
    )
    counts: Counts = Counter()
    for row in db.session.execute(rows, execution_options={"yield_per": 100}):
        seal = CaseSeal.open(keyring, row.id, WrappedKey(row.generation, row.wrapped))
        fields = seal.open_fields(row.sealed, CaseVersion.__tablename__, row.version_id)
        quarter = Quarter.of_month(fields.get("period") or "")
        if quarter is not None and quarter >= since:
            counts.update((quarter, key) for key in forms.touched(asked[row.form_version_id].definition, fields))
    return counts


def competences(asked: Iterable[Asked], language: str, counts: Counts) -> list[Competence]:
    """Those of the form in force in its order and colours, then earlier ones that were touched."""
    found: dict[str, Competence] = {}
    used = {key for _quarter, key in counts}
    for number, one in enumerate(asked):
        for field in one.form.fields:
            if (
                field.kind == "competence"
                and field.key not in found
                and (field.key in used or (not number and not field.retired))
            ):
                found[field.key] = Competence(field.key, field.label.of(language), one.form.hues[field.key])
    return list(found.values())

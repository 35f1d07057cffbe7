"""Finding again among the cases one may see: what the rows say is asked of the database, what is written is opened
and read here, row by row, and forgotten with the request. There is no index of any word.

A thousand rows come in one statement, newest first; reading stops as soon as a page is full.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, false, literal, or_, select, true, union_all

from supervision.cases import queries as cases
from supervision.cases.feedback.models import Answer, Correction, Feedback, Message
from supervision.cases.feedback.rules import TEXTS as FEEDBACK_TEXTS
from supervision.cases.finding import rules
from supervision.cases.finding.rules import Piece
from supervision.cases.form import queries as form_queries
from supervision.cases.form import rules as forms
from supervision.cases.form.definition import Form, parse
from supervision.cases.models import (
    Case,
    CaseAssignment,
    CaseClosing,
    CaseDraft,
    CaseReading,
    CaseVersion,
    Supplement,
    SupplementRequest,
)
from supervision.cases.queries import CaseLine
from supervision.cases.rules import as_author_sees
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring, WrappedKey
from supervision.db import db
from supervision.people.models import Person

AT_ONCE = 50  # rows fetched from the database at a time: twice a page


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; what is empty does not matter."""

    state: str = ""  # as the side that asks calls it
    since: str = ""  # months, "2026-03"
    until: str = ""
    group: str = ""  # an option of the field « kind_of_group »
    competence: str = ""  # a field of kind « competence »
    other: UUID | None = None  # the person on the other side of the desk
    terms: Sequence[re.Pattern[str]] = ()

    @property
    def needs_texts(self) -> bool:
        return bool(self.since or self.until or self.group or self.competence or self.terms)

    def __bool__(self) -> bool:
        return self.needs_texts or bool(self.state or self.other)


@dataclass(frozen=True)
class Found:
    """A case that fits, and where: `place` is a label of its form, or one of the codes in `words.PLACES`."""

    line: CaseLine
    place: str = ""
    passage: Sequence[Piece] = ()


@dataclass(frozen=True)
class Said:
    """A short piece of the thread, still sealed: `kind` is the table it is sealed for, and its code in `PLACES`."""

    kind: str
    id: UUID
    sealed: bytes


@dataclass(frozen=True)
class Asked:
    """What one version of the form asks, as a search needs it."""

    definition: Mapping[str, Any]
    form: Form
    labels: Mapping[str, str]  # of everything that is written freely, by its key


def forms_asked(language: str) -> dict[UUID, Asked]:
    """All versions of the form, the newest first: a case is read with the one it was written with."""
    versions = reversed(form_queries.all_versions())
    return {version.id: _asked(version.definition, language) for version in versions}


def _asked(definition: Mapping[str, Any], language: str) -> Asked:
    form = parse(definition)
    labels = {
        part.key: field.label.of(language)
        if len(field.parts) == 1
        else f"{field.label.of(language)} – {part.label.of(language)}"
        for field in form.fields
        for part in field.parts
        if part.kind in {"line", "prose"}
    }
    return Asked(definition, form, labels)


@dataclass(frozen=True)
class Desk:
    """Who searches, with what opens the texts. A supervisor's search only looks at the titles of cases she has not
    opened: a passage of one would be a reading that nobody has recorded.
    """

    as_author: bool
    keyring: Keyring
    now: datetime
    forms: Mapping[UUID, Asked]


_TEXTS = (
    CaseVersion.sealed.label("version_sealed"),
    CaseVersion.form_version_id.label("version_form"),
    CaseDraft.sealed.label("draft_sealed"),
    CaseDraft.form_version_id.label("draft_form"),
    Feedback.id.label("feedback_id"),
    Feedback.sealed.label("feedback_sealed"),
    Answer.id.label("answer_id"),
    Answer.sealed.label("answer_sealed"),
)
_WITHOUT_TEXTS: Select[*tuple[Any, ...]] = cases.LINES
_WITH_TEXTS: Select[*tuple[Any, ...]] = cases.LINES.add_columns(*_TEXTS)


def find(visible: Select[Case], wanted: Wanted, desk: Desk, *, limit: int, before: UUID | None = None) -> list[Found]:
    """Cases that fit, from the newest to the oldest, paged by id. One statement, whatever their number, and a second
    one for what follows the versions where an author looks for words.
    """
    whole = _WITH_TEXTS if wanted.needs_texts else _WITHOUT_TEXTS
    rows = whole.where(visible.whereclause if visible.whereclause is not None else false())
    rows = rows.where(_may_be(wanted.state), _is_with(wanted.other, as_author=desk.as_author))
    if before is not None:
        rows = rows.where(Case.id < before)
    found: list[Found] = []
    said = _said(visible) if wanted.terms and desk.as_author else {}
    with db.session.execute(rows, {"now": desk.now}, execution_options={"yield_per": AT_ONCE}) as result:
        for row in result:
            found += _found(row, wanted, desk, said.get(row.id, ()))
            if len(found) == limit:
                break
    return found


def _may_be(state: str) -> ColumnElement[bool]:
    """What excludes most rows before they are fetched; the state itself is derived from all the dates."""
    closed, submitted, answered = CaseClosing.id.is_not(None), CaseVersion.id.is_not(None), Feedback.id.is_not(None)
    return {
        "": true(),
        "draft": ~submitted,
        "submitted": submitted & ~closed & ~answered,
        "supplement-asked": submitted & ~closed & ~answered,
        "published": submitted & ~closed & answered,
        "read": submitted & ~closed & answered,
        "answered": submitted & ~closed & answered,
        "worked": submitted & ~closed & answered,
        "closed": closed,
    }.get(state, submitted)


def _is_with(other: UUID | None, *, as_author: bool) -> ColumnElement[bool]:
    if other is None:
        return true()
    return (CaseAssignment.supervisor_id if as_author else Case.author_id) == other


def _found(row: Row[*tuple[Any, ...]], wanted: Wanted, desk: Desk, said: Iterable[Said]) -> list[Found]:
    """The case if it fits; what costs least is asked first."""
    line = cases.line_of(row, desk.keyring, desk.now)
    if wanted.state and wanted.state != (as_author_sees(line.state) if desk.as_author else line.state):
        return []
    if not wanted.needs_texts:
        return [Found(line)]
    if row.wrapped is None:
        return []
    seal = CaseSeal.open(desk.keyring, row.id, WrappedKey(row.generation, row.wrapped))
    written, asked = _written(row, seal, desk), desk.forms[row.version_form or row.draft_form]
    if not _has_facts(written, wanted, asked):
        return []
    if not wanted.terms:
        return [Found(line)]
    return _by_words(line, [*_texts(row, line, seal, written, desk), *_open(said, seal)], wanted)


def _written(row: Row[*tuple[Any, ...]], seal: CaseSeal, desk: Desk) -> dict[str, Any]:
    """What the situation says: its latest version, or the draft where none was submitted."""
    if not desk.as_author and row.opened_at is None:
        return {}
    if row.version_id is not None:
        return seal.open_fields(row.version_sealed, CaseVersion.__tablename__, row.version_id)
    return seal.open_fields(row.draft_sealed, CaseDraft.__tablename__, row.id)


def _has_facts(written: Mapping[str, Any], wanted: Wanted, asked: Asked) -> bool:
    if wanted.group and written.get("kind_of_group") != wanted.group:
        return False
    if wanted.since or wanted.until:
        period = written.get("period")
        if not period or not (wanted.since or period) <= period <= (wanted.until or period):
            return False
    return not wanted.competence or wanted.competence in forms.touched(asked.definition, written)


def _by_words(line: CaseLine, texts: Sequence[tuple[str, str]], wanted: Wanted) -> list[Found]:
    """All terms must stand somewhere in the case; shown is the first of the places that have most of them."""
    if not rules.holds("\n".join(text for _place, text in texts), wanted.terms):
        return []
    place, text = max(texts, key=lambda one: sum(rules.holds(one[1], [term]) for term in wanted.terms))
    return [Found(line, place, rules.passage(text, wanted.terms))]


def _texts(
    row: Row[*tuple[Any, ...]], line: CaseLine, seal: CaseSeal, written: Mapping[str, Any], desk: Desk
) -> Iterator[tuple[str, str]]:
    """(place, text) of everything that is looked through, the title first."""
    yield "title", line.title
    yield from _of_form(written, desk.forms[row.version_form or row.draft_form])
    if not desk.as_author and row.opened_at is None:
        return
    is_out = row.feedback_id is not None and row.published_at <= desk.now
    if is_out and (row.read_at is not None or not desk.as_author):  # that its author opened it is what is seen
        said = seal.open_fields(row.feedback_sealed, Feedback.__tablename__, row.feedback_id)
        yield from (("feedback", said[key]) for key in FEEDBACK_TEXTS if said.get(key))
        yield from (("feedback", note["text"]) for note in said.get("notes", ()) if note.get("text"))
    if not desk.as_author:
        return
    if row.answer_id is not None:
        said = seal.open_fields(row.answer_sealed, Answer.__tablename__, row.answer_id)
        yield from (("answer", said[key]) for key in _ANSWER_TEXTS if said.get(key))
    if row.version_id is not None and row.draft_sealed is not None:
        begun = seal.open_fields(row.draft_sealed, CaseDraft.__tablename__, row.id)
        yield from (("draft", text) for _label, text in _of_form(begun, desk.forms[row.draft_form]))


def _said(visible: Select[Case]) -> dict[UUID, list[Said]]:
    """The short pieces that follow the versions of these cases, by case and in order, still sealed. What the other
    side wrote after the feedback is not quoted before the author has opened it.
    """
    whose = visible.whereclause if visible.whereclause is not None else false()
    seen = or_(Message.author_id == Case.author_id, _is_read_since(Message.written_at))
    pieces = (
        _of_version(SupplementRequest),
        _of_version(Supplement),
        _of_version(Correction, through=Feedback).where(_is_read_since(Correction.made_at)),
        _pieces(Message).join(Case, Case.id == Message.case_id).where(seen),
    )
    said: defaultdict[UUID, list[Said]] = defaultdict(list)
    for case_id, *piece in db.session.execute(union_all(*(each.where(whose) for each in pieces)).order_by("id")):
        said[case_id].append(Said(*piece))
    return said


def _of_version(model: Any, through: Any = None) -> Select[*tuple[Any, ...]]:
    pieces = _pieces(model)
    if through is not None:
        pieces = pieces.join(through, through.id == model.feedback_id)
    of_version = CaseVersion.id == (through or model).version_id
    return pieces.join(CaseVersion, of_version).join(Case, Case.id == CaseVersion.case_id)


def _pieces(model: Any) -> Select[*tuple[Any, ...]]:
    kind = literal(model.__tablename__).label("kind")
    return select(Case.id.label("case_id"), kind, model.id.label("id"), model.sealed).select_from(model)


def _is_read_since(at: Any) -> ColumnElement[bool]:
    """Opened by the author of the case at that moment or later."""
    opened = exists().where(CaseReading.case_id == Case.id, CaseReading.what == "feedback")
    return opened.where(CaseReading.reader_id == Case.author_id, CaseReading.read_at >= at).correlate(Case, at.class_)


def _open(said: Iterable[Said], seal: CaseSeal) -> Iterator[tuple[str, str]]:
    return ((piece.kind, seal.open_fields(piece.sealed, piece.kind, piece.id)["text"]) for piece in said)


_ANSWER_TEXTS = ("tried", "happened", "useful_words")


def _of_form(written: Mapping[str, Any], asked: Asked) -> Iterator[tuple[str, str]]:
    return ((label, written[key]) for key, label in asked.labels.items() if key != "title" and written.get(key))


# --- what may be chosen -----------------------------------------------------------------------------------------------


def others(visible: Select[Case], *, as_author: bool) -> Sequence[Person]:
    """Everybody on the other side of these cases, by name."""
    if as_author:
        mine = visible.join(CaseAssignment, CaseAssignment.case_id == Case.id)
        ids = mine.with_only_columns(CaseAssignment.supervisor_id)
    else:
        ids = visible.with_only_columns(Case.author_id)
    return db.session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name_key, Person.id)).all()

"""Verbs that change facts about a case: its draft, its submission, who has read it. Each refuses the impossible and
leaves the commit to the edge. What happens to a submitted case is in `lifecycle`, what is answered in `feedback`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from supervision.audit import actions as audit
from supervision.cases import queries, texts
from supervision.cases.attachments import actions as attachments
from supervision.cases.form import actions as forms
from supervision.cases.form import queries as form_queries
from supervision.cases.form.rules import missing
from supervision.cases.models import Case, CaseAssignment, CaseDraft, CaseKey, CaseReading, CaseVersion
from supervision.cases.queries import CaseFile
from supervision.cases.reidentification import decisions
from supervision.cases.retention import actions as retention
from supervision.cases.rules import AlreadySubmitted, CaseRefused, Conflict, Incomplete, NotNow
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people.models import Person

_DRAFT, _VERSION = CaseDraft.__tablename__, CaseVersion.__tablename__


def begin(*, author: Person, creation_key: UUID, keyring: Keyring, now: datetime) -> UUID:
    """Open an empty draft, once for each press of the button, and return the case's id."""
    case_id = new_id()
    new = insert(Case).values(id=case_id, author_id=author.id, creation_key=creation_key, created_at=now)
    made = new.on_conflict_do_nothing(index_elements=["author_id", "creation_key"]).returning(Case.id)
    if db.session.scalar(made) is None:
        existing = queries.creation(author.id, creation_key)
        return existing.id if existing else case_id
    seal, key = CaseSeal.create(keyring, case_id)
    db.session.add(key)
    put_draft(case_id=case_id, seal=seal, fields={}, form_version_id=forms.ensure(now).id, now=now)
    return case_id


def put_draft(
    *, case_id: UUID, seal: CaseSeal, fields: Mapping[str, Any], form_version_id: UUID, now: datetime
) -> None:
    """Lay a first draft, or the words of a version to write the next one from.

    Raises:
        Conflict: there is a draft.
    """
    new = insert(CaseDraft).values(
        case_id=case_id,
        sealed_title=seal.close_title(fields.get("title") or "", _DRAFT, case_id),
        sealed=seal.close_fields(fields, _DRAFT, case_id),
        form_version_id=form_version_id,
        revision=1,
        edited_at=now,
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["case_id"]).returning(CaseDraft.case_id)) is None:
        raise Conflict


def save_draft(
    *,
    file: CaseFile,
    fields: Mapping[str, Any],
    revision: int,
    keyring: Keyring,
    now: datetime,
    attempts: Sequence[int] = (),
) -> int:
    """Replace the draft's text if nobody else saved it since `revision`; returns the new revision.

    `attempts` are the names a page gave to its saves that were not answered, this one last: a save of its own that
    arrived although its answer got lost is not somebody else's. What was decided about passages stays, unless the
    fields say otherwise: the page of the form knows nothing of it.

    Raises:
        AlreadySubmitted: there is no draft any more.
        Conflict: another tab or device saved in between; nothing is written.
    """
    seal, case_id = file.seal(keyring), file.case.id
    fields = decisions.carried(fields, texts.draft(file, keyring))
    saved = (
        update(CaseDraft)
        .where(CaseDraft.case_id == case_id, CaseDraft.revision.in_((revision, *attempts)))
        .values(
            sealed_title=seal.close_title(fields.get("title") or "", _DRAFT, case_id),
            sealed=seal.close_fields(fields, _DRAFT, case_id),
            revision=attempts[-1] if attempts else CaseDraft.revision + 1,
            edited_at=now,
        )
        .returning(CaseDraft.revision)
        .execution_options(synchronize_session=False)
    )
    new_revision = db.session.scalar(saved)
    if new_revision is None:
        raise _left_behind(case_id)
    return new_revision


def _left_behind(case_id: UUID) -> CaseRefused:
    """Why a draft was not there any more as the page knew it, seen now and not when the case was loaded."""
    still_there = db.session.scalar(select(CaseDraft.revision).where(CaseDraft.case_id == case_id))
    return AlreadySubmitted() if still_there is None else Conflict()


def submit(
    *,
    author: Person,
    supervisor: Person,
    file: CaseFile,
    fields: Mapping[str, Any],
    revision: int,
    keyring: Keyring,
    now: datetime,
    attempts: Sequence[int] = (),
) -> CaseVersion:
    """Turn the draft into a version nobody can change, and tell the supervisor that something waits.

    Raises:
        Incomplete: a required field is empty.
        AlreadySubmitted: it is submitted (a double click, an old tab).
        Conflict: the draft was saved elsewhere since this page was opened.
    """
    if file.draft is None:
        raise AlreadySubmitted
    lacking = missing(form_queries.by_id(file.draft.form_version_id).definition, fields)
    if lacking:
        raise Incomplete(lacking)
    case_id, form_version_id = file.case.id, file.draft.form_version_id
    _take_draft(case_id, (revision, *attempts))
    version = _version(file, fields, supervisor, form_version_id, keyring, now)
    db.session.add(version)
    db.session.flush()
    if file.assignment is None or file.assignment.supervisor_id != supervisor.id:
        assign(case_id=case_id, supervisor_id=supervisor.id, for_this_case=False, now=now)
    attachments.submit_all(case_id, now)
    audit.record(actor_id=author.id, action="case-submitted", subject=f"case/{case_id}", now=now)
    tell(supervisor.id, case_id, version.id, now)
    return version


def _take_draft(case_id: UUID, known: tuple[int, ...]) -> None:
    taken = delete(CaseDraft).where(CaseDraft.case_id == case_id, CaseDraft.revision.in_(known))
    if db.session.scalar(taken.returning(CaseDraft.case_id).execution_options(synchronize_session=False)) is None:
        raise _left_behind(case_id)


def _version(
    file: CaseFile,
    fields: Mapping[str, Any],
    supervisor: Person,
    form_version_id: UUID,
    keyring: Keyring,
    now: datetime,
) -> CaseVersion:
    version_id, seal = new_id(), file.seal(keyring)
    return CaseVersion(
        id=version_id,
        case_id=file.case.id,
        number=(file.version.number if file.version else 0) + 1,
        form_version_id=form_version_id,
        supervisor_id=supervisor.id,
        sealed_title=seal.close_title(fields["title"], _VERSION, version_id),
        sealed=seal.close_fields(fields, _VERSION, version_id),
        submitted_at=now,
    )


def assign(*, case_id: UUID, supervisor_id: UUID, for_this_case: bool, now: datetime) -> UUID:
    """Make somebody the supervisor of a case from now on. Returns the assignment's id.

    Raises:
        Conflict: somebody else was assigned at the same moment.
    """
    before = select(func.max(CaseAssignment.number)).where(CaseAssignment.case_id == case_id)
    new = insert(CaseAssignment).values(
        id=new_id(),
        case_id=case_id,
        number=(db.session.scalar(before) or 0) + 1,
        supervisor_id=supervisor_id,
        for_this_case=for_this_case,
        assigned_at=now,
    )
    made = new.on_conflict_do_nothing(index_elements=["case_id", "number"]).returning(CaseAssignment.id)
    assignment_id: UUID | None = db.session.scalar(made)
    if assignment_id is None:
        raise Conflict
    return assignment_id


def tell(supervisor_id: UUID, case_id: UUID, occasion_id: UUID, now: datetime) -> None:
    """The supervisor hears that something waits, once for each version or assignment."""
    key = f"case-submitted/{occasion_id}"
    outbox.put(key=key, kind="case-submitted", person_id=supervisor_id, subject_id=case_id, now=now)


def discard(*, file: CaseFile, now: datetime) -> None:
    """Throw away a draft: with its key where nothing was ever read, alone where it would have been the next version.

    Raises:
        AlreadySubmitted: there is no draft any more.
    """
    case_id = file.case.id
    if db.session.scalar(delete(CaseDraft).where(CaseDraft.case_id == case_id).returning(CaseDraft.case_id)) is None:
        raise AlreadySubmitted
    if file.version is None:
        attachments.remove_all(case_id)
        for model, column in ((CaseKey, CaseKey.case_id), (Case, Case.id)):
            db.session.execute(delete(model).where(column == case_id))
    elif file.facts.withdrawn_at is not None:
        retention.purge(file=file, because="discarded", now=now)
    else:
        attachments.remove_waiting(case_id)


def record_reading(*, file: CaseFile, reader: Person, now: datetime, what: str = "situation") -> None:
    """Note that a case was opened: by anyone but its author, and by the author when there is something new to her.

    Raises:
        NotNow: the author has just taken it back, or it was purged: there is nothing to read any more.
    """
    if reader.id != file.case.author_id:
        _refuse_taken_back(file)
        _add_reading(file, reader, what, now)
    elif file.is_out(now) or (file.version is not None and file.version.number > 1):
        # What was written to an earlier version may still be news when the next one is already submitted.
        news_at = queries.latest_news_at(file.case.id, file.feedback if file.is_out(now) else None, reader.id)
        if news_at is not None and not queries.has_read_since(file.case.id, "feedback", reader.id, news_at):
            _add_reading(file, reader, "feedback", now)


def _refuse_taken_back(file: CaseFile) -> None:
    """A reading and a withdrawal at the same moment: whichever comes second sees the first. Readers do not wait for
    each other.
    """
    if not queries.hold_key(file.case.id, shared=True):
        raise NotNow
    if file.version is not None and queries.is_taken_back(file.version.id):
        raise NotNow


def _add_reading(file: CaseFile, reader: Person, what: str, now: datetime) -> None:
    db.session.add(CaseReading(id=new_id(), case_id=file.case.id, reader_id=reader.id, what=what, read_at=now))

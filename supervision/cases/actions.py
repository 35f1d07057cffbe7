"""Verbs that change facts about a case. Each refuses the impossible and leaves the commit to the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from supervision.audit import actions as audit
from supervision.cases import queries
from supervision.cases.models import (
    Answer,
    Case,
    CaseDraft,
    CaseKey,
    CaseReading,
    CaseVersion,
    Feedback,
    FeedbackDraft,
)
from supervision.cases.queries import CaseFile
from supervision.cases.rules import (
    ANSWER_REQUIRED,
    CASE_REQUIRED,
    FEEDBACK_REQUIRED,
    AlreadyAnswered,
    AlreadyPublished,
    AlreadySubmitted,
    CaseRefused,
    Conflict,
    Incomplete,
    NotPublished,
    missing,
)
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people.models import Person

_DRAFT, _VERSION = CaseDraft.__tablename__, CaseVersion.__tablename__
_FEEDBACK, _FEEDBACK_DRAFT = Feedback.__tablename__, FeedbackDraft.__tablename__
_ANSWER = Answer.__tablename__


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
    db.session.add(
        CaseDraft(
            case_id=case_id,
            sealed_title=seal.close_title("", _DRAFT, case_id),
            sealed=seal.close_fields({}, _DRAFT, case_id),
            revision=1,
            edited_at=now,
        )
    )
    db.session.flush()
    return case_id


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
    arrived although its answer got lost is not somebody else's.

    Raises:
        AlreadySubmitted: there is no draft any more.
        Conflict: another tab or device saved in between; nothing is written.
    """
    seal, case_id = file.seal(keyring), file.case.id
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
    lacking = missing(fields, CASE_REQUIRED)
    if lacking:
        raise Incomplete(lacking)
    case_id, seal = file.case.id, file.seal(keyring)
    known = CaseDraft.revision.in_((revision, *attempts))
    taken = delete(CaseDraft).where(CaseDraft.case_id == case_id, known)
    if db.session.scalar(taken.returning(CaseDraft.case_id).execution_options(synchronize_session=False)) is None:
        raise _left_behind(case_id)
    version_id = new_id()
    version = CaseVersion(
        id=version_id,
        case_id=case_id,
        number=1,
        supervisor_id=supervisor.id,
        sealed_title=seal.close_title(fields["title"], _VERSION, version_id),
        sealed=seal.close_fields(fields, _VERSION, version_id),
        submitted_at=now,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(actor_id=author.id, action="case-submitted", subject=f"case/{case_id}", now=now)
    _tell(supervisor, case_id, version_id, now)
    return version


def _tell(supervisor: Person, case_id: UUID, version_id: UUID, now: datetime) -> None:
    """The supervisor hears that something waits, once for each version."""
    key = f"case-submitted/{version_id}"
    outbox.put(key=key, kind="case-submitted", person_id=supervisor.id, subject_id=case_id, now=now)


def hand_over(*, author: Person, supervisor: Person, file: CaseFile, keyring: Keyring, now: datetime) -> None:
    """Give an unanswered case to another supervisor: the same words, as a version of their own.

    Raises:
        NotPublished, AlreadyPublished: there is nothing to hand over.
        AlreadySubmitted: another tab has just handed it over.
    """
    before, seal, version_id = _unpublished(file), file.seal(keyring), new_id()
    fields = seal.open_fields(before.sealed, _VERSION, before.id) | {"supervisor": str(supervisor.id)}
    version = insert(CaseVersion).values(
        id=version_id,
        case_id=file.case.id,
        number=before.number + 1,
        supervisor_id=supervisor.id,
        sealed_title=seal.close_title(fields["title"], _VERSION, version_id),
        sealed=seal.close_fields(fields, _VERSION, version_id),
        submitted_at=now,
    )
    made = version.on_conflict_do_nothing(index_elements=["case_id", "number"]).returning(CaseVersion.id)
    if db.session.scalar(made) is None:
        raise AlreadySubmitted
    audit.record(actor_id=author.id, action="case-handed-over", subject=f"case/{file.case.id}", now=now)
    _tell(supervisor, file.case.id, version_id, now)


def discard(*, file: CaseFile) -> None:
    """Throw away a draft that was never submitted, with its key.

    Raises:
        AlreadySubmitted: a submitted case is kept.
    """
    case_id = file.case.id
    if db.session.scalar(delete(CaseDraft).where(CaseDraft.case_id == case_id).returning(CaseDraft.case_id)) is None:
        raise AlreadySubmitted
    for model, column in ((CaseKey, CaseKey.case_id), (Case, Case.id)):
        db.session.execute(delete(model).where(column == case_id))


def record_reading(*, file: CaseFile, reader: Person, now: datetime) -> None:
    """Note that a case was opened: by anyone but its author, and by the author the first time feedback is seen."""
    if reader.id != file.case.author_id:
        _add_reading(file, reader, "situation", now)
    elif file.feedback is not None and queries.first_reading(file.case.id, "feedback", reader.id) is None:
        _add_reading(file, reader, "feedback", now)


def _add_reading(file: CaseFile, reader: Person, what: str, now: datetime) -> None:
    db.session.add(CaseReading(id=new_id(), case_id=file.case.id, reader_id=reader.id, what=what, read_at=now))


def save_feedback(
    *,
    author: Person,
    file: CaseFile,
    fields: Mapping[str, Any],
    revision: int,
    keyring: Keyring,
    now: datetime,
    attempts: Sequence[int] = (),
) -> int:
    """Keep the feedback that is being written; returns the new revision. `revision` 0 means nothing was saved yet.

    `attempts` as for a draft.

    Raises:
        AlreadyPublished: the feedback is out.
        Conflict: another tab saved in between; nothing is written.
    """
    version = _unpublished(file)
    sealed = file.seal(keyring).close_fields(fields, _FEEDBACK_DRAFT, version.id)
    mine = {"version_id": version.id, "author_id": author.id}
    text = {"sealed": sealed, "revision": attempts[-1] if attempts else revision + 1, "edited_at": now}
    known = FeedbackDraft.revision.in_((revision, *attempts))
    if revision == 0:
        new = insert(FeedbackDraft).values(**mine, **text)
        saved = new.on_conflict_do_update(index_elements=["version_id", "author_id"], set_=text, where=known)
    else:
        replaced = update(FeedbackDraft).filter_by(**mine).where(known)
        saved = replaced.values(**text).execution_options(synchronize_session=False)
    new_revision: int | None = db.session.scalar(saved.returning(FeedbackDraft.revision))
    if new_revision is None:
        raise AlreadyPublished if queries.is_published(version.id) else Conflict
    return new_revision


def publish_feedback(
    *, author: Person, file: CaseFile, fields: Mapping[str, Any], keyring: Keyring, now: datetime
) -> Feedback:
    """Publish the feedback and tell the trainee that there is something to read.

    Raises:
        AlreadyPublished, Incomplete: nothing changes.
    """
    version = _unpublished(file)
    lacking = missing(fields, FEEDBACK_REQUIRED)
    if lacking:
        raise Incomplete(lacking)
    feedback_id = new_id()
    sealed = file.seal(keyring).close_fields(fields, _FEEDBACK, feedback_id)
    new = insert(Feedback).values(
        id=feedback_id, version_id=version.id, author_id=author.id, sealed=sealed, published_at=now
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["version_id"]).returning(Feedback.id)) is None:
        raise AlreadyPublished
    db.session.execute(delete(FeedbackDraft).where(FeedbackDraft.version_id == version.id))
    audit.record(actor_id=author.id, action="feedback-published", subject=f"case/{file.case.id}", now=now)
    outbox.put(
        key=f"feedback-published/{feedback_id}",
        kind="feedback-published",
        person_id=file.case.author_id,
        subject_id=file.case.id,
        now=now,
    )
    return db.session.get_one(Feedback, feedback_id)


def _unpublished(file: CaseFile) -> CaseVersion:
    if file.version is None:
        raise NotPublished
    if file.feedback is not None:
        raise AlreadyPublished
    return file.version


def answer(*, author: Person, file: CaseFile, fields: Mapping[str, Any], keyring: Keyring, now: datetime) -> UUID:
    """Answer the feedback: what was tried, what came of it. Returns the answer's id.

    Raises:
        NotPublished, AlreadyAnswered, Incomplete: nothing changes.
    """
    if file.feedback is None:
        raise NotPublished
    lacking = missing(fields, ANSWER_REQUIRED)
    if lacking:
        raise Incomplete(lacking)
    answer_id = new_id()
    sealed = file.seal(keyring).close_fields(fields, _ANSWER, answer_id)
    new = insert(Answer).values(
        id=answer_id, feedback_id=file.feedback.id, author_id=author.id, sealed=sealed, answered_at=now
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["feedback_id"]).returning(Answer.id)) is None:
        raise AlreadyAnswered
    audit.record(actor_id=author.id, action="feedback-answered", subject=f"case/{file.case.id}", now=now)
    outbox.put(
        key=f"feedback-answered/{answer_id}",
        kind="feedback-answered",
        person_id=file.feedback.author_id,
        subject_id=file.case.id,
        now=now,
    )
    return answer_id

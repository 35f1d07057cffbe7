"""Verbs that answer a situation. Each refuses the impossible and leaves the commit to the edge."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from supervision.audit import actions as audit
from supervision.cases.feedback import queries
from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackDraft, FeedbackRecall, Message
from supervision.cases.feedback.rules import ANSWER_REQUIRED, REQUIRED, joined
from supervision.cases.models import CaseVersion
from supervision.cases.queries import CaseFile
from supervision.cases.rules import (
    UNDO,
    AlreadyAnswered,
    AlreadyPublished,
    Conflict,
    Incomplete,
    NewVersion,
    NotNow,
    NotPublished,
    missing,
)
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people.models import Person

_FEEDBACK, _DRAFT, _ANSWER = Feedback.__tablename__, FeedbackDraft.__tablename__, Answer.__tablename__
_CORRECTION, _MESSAGE = Correction.__tablename__, Message.__tablename__
_UNKNOWN = 400_000_000  # revisions from here on are not counted up to, and have nine digits as those that pages know


def save(
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

    `attempts` as for the draft of a case. A draft begun on an earlier version stays where it was begun.

    Raises:
        AlreadyPublished: the feedback is out.
        Conflict: another tab saved in between; nothing is written.
    """
    version_id = file.feedback_draft.version_id if file.feedback_draft else _unpublished(file).id
    sealed = file.seal(keyring).close_fields(fields, _DRAFT, version_id)
    mine = {"version_id": version_id, "author_id": author.id}
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
        raise AlreadyPublished if queries.is_published(_unpublished(file).id) else Conflict
    return new_revision


def _unpublished(file: CaseFile) -> CaseVersion:
    if file.version is None:
        raise NotPublished
    if file.feedback is not None:
        raise AlreadyPublished
    return file.version


def publish(
    *,
    author: Person,
    file: CaseFile,
    fields: Mapping[str, Any],
    version_id: UUID,
    keyring: Keyring,
    now: datetime,
) -> Feedback:
    """Send the feedback off: it is out, and its addressee is told, in ten minutes, unless it is recalled.

    `version_id` is the version that was on the page while it was written.

    Raises:
        AlreadyPublished, Incomplete: nothing changes.
        NewVersion: the author has sent another one since.
    """
    version = _unpublished(file)
    if version.id != version_id:
        raise NewVersion
    lacking = missing(fields, REQUIRED)
    if lacking:
        raise Incomplete(lacking)
    feedback_id, out_at = new_id(), now + UNDO
    new = insert(Feedback).values(
        id=feedback_id,
        version_id=version.id,
        attempt=queries.attempts(version.id),
        author_id=author.id,
        sealed=file.seal(keyring).close_fields(fields, _FEEDBACK, feedback_id),
        signed_at=now,
        published_at=out_at,
    )
    made = new.on_conflict_do_nothing(index_elements=["version_id", "attempt"]).returning(Feedback.id)
    if db.session.scalar(made) is None:
        raise AlreadyPublished
    _drop_draft(file, author)
    audit.record(actor_id=author.id, action="feedback-published", subject=f"case/{file.case.id}", now=now)
    outbox.put(
        key=f"feedback-published/{feedback_id}",
        kind="feedback-published",
        person_id=file.case.author_id,
        subject_id=file.case.id,
        now=now,
        due_at=out_at,
        feedback=str(feedback_id),
    )
    return db.session.get_one(Feedback, feedback_id)


def _drop_draft(file: CaseFile, author: Person) -> None:
    versions = select(CaseVersion.id).where(CaseVersion.case_id == file.case.id)
    mine = delete(FeedbackDraft).where(FeedbackDraft.version_id.in_(versions), FeedbackDraft.author_id == author.id)
    db.session.execute(mine.execution_options(synchronize_session=False))


def recall(*, author: Person, file: CaseFile, keyring: Keyring, now: datetime) -> None:
    """Take a feedback back before it is out: its words become a draft again, and no mail leaves.

    Raises:
        NotPublished: there is none.
        NotNow: it is out, or recalled already.
    """
    feedback = file.feedback
    if feedback is None:
        raise NotPublished
    if now >= feedback.published_at:
        raise NotNow
    new = insert(FeedbackRecall).values(feedback_id=feedback.id, recalled_at=now)
    made = new.on_conflict_do_nothing(index_elements=["feedback_id"]).returning(FeedbackRecall.feedback_id)
    if db.session.scalar(made) is None:
        raise NotNow
    _lay_back(file, feedback, author, keyring, now)
    outbox.unskip(subject_id=file.case.id, because="feedback-published", since=feedback.signed_at, now=now)
    audit.record(actor_id=author.id, action="feedback-recalled", subject=f"case/{file.case.id}", now=now)


def _lay_back(file: CaseFile, feedback: Feedback, author: Person, keyring: Keyring, now: datetime) -> None:
    """The words of a recalled feedback as the draft. A page that saved itself while another one published may have
    left a draft already: what was signed comes first, and what stands in the other one only follows it.
    """
    seal, mine = file.seal(keyring), {"version_id": feedback.version_id, "author_id": author.id}
    signed = seal.open_fields(feedback.sealed, _FEEDBACK, feedback.id)
    text = {"sealed": seal.close_fields(signed, _DRAFT, feedback.version_id), "revision": 1, "edited_at": now}
    new = insert(FeedbackDraft).values(**mine, **text)
    laid = new.on_conflict_do_nothing(index_elements=["version_id", "author_id"]).returning(FeedbackDraft.revision)
    if db.session.scalar(laid) is not None:
        return
    lying = select(FeedbackDraft).filter_by(**mine).with_for_update().execution_options(populate_existing=True)
    draft = db.session.scalars(lying).one()
    both = joined(signed, seal.open_fields(draft.sealed, _DRAFT, feedback.version_id))
    draft.sealed, draft.edited_at = seal.close_fields(both, _DRAFT, feedback.version_id), now
    draft.revision = _UNKNOWN + secrets.randbelow(_UNKNOWN)  # to every page: the next save of one is shown both texts


def correct(*, author: Person, file: CaseFile, text: str, press: UUID, keyring: Keyring, now: datetime) -> UUID:
    """Add to a feedback that is out; what was published stays. `press` names the page: pressing twice adds one.

    Raises:
        NotPublished: it is not out; it can still be recalled.
        AlreadyPublished: this page has sent its correction.
    """
    if file.feedback is None or not file.is_out(now):
        raise NotPublished
    sealed = file.seal(keyring).close_fields({"text": text}, _CORRECTION, press)
    new = insert(Correction).values(
        id=press, feedback_id=file.feedback.id, author_id=author.id, sealed=sealed, made_at=now
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["id"]).returning(Correction.id)) is None:
        raise AlreadyPublished
    audit.record(actor_id=author.id, action="feedback-corrected", subject=f"case/{file.case.id}", now=now)
    _tell(file, file.case.author_id, "feedback-corrected", press, now)
    return press


def answer(*, author: Person, file: CaseFile, fields: Mapping[str, Any], keyring: Keyring, now: datetime) -> UUID:
    """Answer the feedback: what was tried, what came of it. Returns the answer's id.

    Raises:
        NotPublished, AlreadyAnswered, Incomplete: nothing changes.
    """
    if file.feedback is None or not file.is_out(now):
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
    _tell(file, _supervisor_id(file), "feedback-answered", answer_id, now)
    return answer_id


def write(*, author: Person, file: CaseFile, text: str, press: UUID, keyring: Keyring, now: datetime) -> UUID:
    """A word of either side after the answer. `press` names the page: pressing twice sends one.

    Raises:
        AlreadyAnswered: this page has sent its word.
    """
    message_id = new_id()
    new = insert(Message).values(
        id=message_id,
        case_id=file.case.id,
        author_id=author.id,
        press=press,
        sealed=file.seal(keyring).close_fields({"text": text}, _MESSAGE, message_id),
        written_at=now,
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["press"]).returning(Message.id)) is None:
        raise AlreadyAnswered
    other = file.case.author_id if author.id != file.case.author_id else _supervisor_id(file)
    audit.record(actor_id=author.id, action="message-written", subject=f"case/{file.case.id}", now=now)
    _tell(file, other, "message-written", message_id, now)
    return message_id


def _supervisor_id(file: CaseFile) -> UUID:
    if file.assignment is None:
        raise NotPublished
    return file.assignment.supervisor_id


def _tell(file: CaseFile, person_id: UUID, kind: str, occasion_id: UUID, now: datetime) -> None:
    outbox.put(key=f"{kind}/{occasion_id}", kind=kind, person_id=person_id, subject_id=file.case.id, now=now)

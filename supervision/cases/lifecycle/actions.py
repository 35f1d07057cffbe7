"""Verbs that move a submitted case: back, on, to somebody else, to its end. Each leaves the commit to the edge.

Whether a move is allowed in the state of the case is asked by its door (`permissions.can_move`); what is checked again
here is what two people could do at the same moment.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update

from supervision.audit import actions as audit
from supervision.cases import actions as cases
from supervision.cases import queries
from supervision.cases.attachments import actions as attachments
from supervision.cases.models import (
    CaseClosing,
    CaseDeadline,
    CaseOpening,
    CaseVersion,
    HandoverProposal,
    Supplement,
    SupplementRequest,
    Withdrawal,
)
from supervision.cases.queries import CaseFile, is_undecided
from supervision.cases.rules import NotNow
from supervision.cases.visibility import queries as visibility
from supervision.cases.visibility.rules import NOBODY_ELSE
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people.models import Person

_VERSION = CaseVersion.__tablename__
_REQUEST, _SUPPLEMENT = SupplementRequest.__tablename__, Supplement.__tablename__


# --- back to the author's desk ----------------------------------------------------------------------------------------


def withdraw(*, author: Person, file: CaseFile, keyring: Keyring, now: datetime) -> None:
    """Take a version back that nobody has read; its words become a draft again.

    Raises:
        NotNow: somebody opened it in the meantime, or it is withdrawn already.
    """
    version = _submitted(file)
    if not queries.hold_key(file.case.id) or queries.was_read_by_others(file.case.id):
        raise NotNow
    new = insert(Withdrawal).values(version_id=version.id, withdrawn_at=now)
    made = new.on_conflict_do_nothing(index_elements=["version_id"]).returning(Withdrawal.version_id)
    if db.session.scalar(made) is None:
        raise NotNow
    _lay_draft(file, version, keyring, now)
    attachments.take_back(file.case.id, version.submitted_at)
    audit.record(actor_id=author.id, action="case-withdrawn", subject=f"case/{file.case.id}", now=now)


def revise(*, file: CaseFile, keyring: Keyring, now: datetime) -> None:
    """Begin the next version with the words of the latest one, which stays readable until the next is submitted.

    Raises:
        Conflict: a revision is under way.
    """
    _lay_draft(file, _submitted(file), keyring, now)


def _lay_draft(file: CaseFile, version: CaseVersion, keyring: Keyring, now: datetime) -> None:
    seal = file.seal(keyring)
    fields = seal.open_fields(version.sealed, _VERSION, version.id)
    # What the author decided since: submitting again must not bring back an earlier choice.
    if "supervisor" in fields and file.assignment is not None:
        fields["supervisor"] = str(file.assignment.supervisor_id)
    if "visibility" in fields:
        session = visibility.running_opening(file.case.id)
        fields["visibility"] = str(session.id) if session else NOBODY_ELSE
    cases.put_draft(case_id=file.case.id, seal=seal, fields=fields, form_version_id=version.form_version_id, now=now)


def _submitted(file: CaseFile) -> CaseVersion:
    if file.version is None or file.facts.withdrawn_at is not None:
        raise NotNow
    return file.version


# --- supplements ------------------------------------------------------------------------------------------------------


def ask_supplement(*, supervisor: Person, file: CaseFile, text: str, keyring: Keyring, now: datetime) -> UUID:
    """Ask the author for something that is missing. Returns the request's id.

    Raises:
        NotNow: another request waits.
    """
    version = _submitted(file)
    if file.facts.asked_at is not None:
        raise NotNow
    asked = select(func.count()).select_from(SupplementRequest).where(SupplementRequest.version_id == version.id)
    request_id = new_id()
    new = insert(SupplementRequest).values(
        id=request_id,
        version_id=version.id,
        number=(db.session.scalar(asked) or 0) + 1,
        asked_by=supervisor.id,
        sealed=file.seal(keyring).close_fields({"text": text}, _REQUEST, request_id),
        asked_at=now,
    )
    made = new.on_conflict_do_nothing(index_elements=["version_id", "number"]).returning(SupplementRequest.id)
    if db.session.scalar(made) is None:
        raise NotNow
    audit.record(actor_id=supervisor.id, action="supplement-asked", subject=f"case/{file.case.id}", now=now)
    _tell(file, file.case.author_id, "supplement-asked", request_id, now)
    return request_id


def supplement(*, author: Person, file: CaseFile, text: str, press: UUID, keyring: Keyring, now: datetime) -> UUID:
    """Add to a submitted version what was asked for, or what came to mind. `press` names the page: two presses add one.

    Raises:
        NotNow: this page has sent its supplement, or another tab has just answered the request.
    """
    version, request = _submitted(file), queries.open_request(_submitted(file).id)
    new = insert(Supplement).values(
        id=press,
        version_id=version.id,
        request_id=request.id if request else None,
        sealed=file.seal(keyring).close_fields({"text": text}, _SUPPLEMENT, press),
        given_at=now,
    )
    if db.session.scalar(new.on_conflict_do_nothing().returning(Supplement.id)) is None:
        raise NotNow
    audit.record(actor_id=author.id, action="supplement-given", subject=f"case/{file.case.id}", now=now)
    if file.assignment is not None:
        _tell(file, file.assignment.supervisor_id, "supplement-given", press, now)
    return press


# --- when, and by whom ------------------------------------------------------------------------------------------------


def set_deadline(*, supervisor: Person, file: CaseFile, due_on: date, now: datetime) -> None:
    """Announce another day for the feedback; the author sees it, and reminders follow it."""
    row = CaseDeadline(id=new_id(), case_id=file.case.id, due_on=due_on, set_by=supervisor.id, set_at=now)
    db.session.add(row)
    audit.record(actor_id=supervisor.id, action="deadline-set", subject=f"case/{file.case.id}", now=now)


def hand_over(*, author: Person, supervisor: Person, file: CaseFile, for_this_case: bool, now: datetime) -> None:
    """Give an unanswered case to another supervisor, with the same words.

    Raises:
        Conflict: another tab has just handed it over.
        NotNow: it is with that person already.
    """
    _submitted(file)
    if file.assignment is not None and file.assignment.supervisor_id == supervisor.id:
        raise NotNow
    assignment_id = cases.assign(
        case_id=file.case.id, supervisor_id=supervisor.id, for_this_case=for_this_case, now=now
    )
    audit.record(actor_id=author.id, action="case-handed-over", subject=f"case/{file.case.id}", now=now)
    cases.tell(supervisor.id, file.case.id, assignment_id, now)


def propose_handover(*, actor: Person, supervisor: Person, case_id: UUID, author_id: UUID, now: datetime) -> UUID:
    """Propose another supervisor to the author, who decides. A proposal that waited is replaced, unless it is the same.

    `actor` knows that the case exists and since when; nothing of it is opened.
    """
    before = queries.open_proposal(case_id)
    if before is not None and before.supervisor_id == supervisor.id:
        return before.id
    waiting = update(HandoverProposal).where(HandoverProposal.case_id == case_id, is_undecided())
    db.session.execute(waiting.values(declined_at=now).execution_options(synchronize_session=False))
    proposal_id = new_id()
    db.session.add(
        HandoverProposal(
            id=proposal_id, case_id=case_id, supervisor_id=supervisor.id, proposed_by=actor.id, proposed_at=now
        )
    )
    audit.record(actor_id=actor.id, action="handover-proposed", subject=f"case/{case_id}", now=now)
    key = f"handover-proposed/{proposal_id}"
    outbox.put(key=key, kind="handover-proposed", person_id=author_id, subject_id=case_id, now=now)
    return proposal_id


def consent(*, author: Person, file: CaseFile, proposal: HandoverProposal, supervisor: Person, now: datetime) -> None:
    """The author agrees: the proposed person reads this case from now on, with or without an agreement.

    Raises:
        NotNow: the proposal was taken back or answered.
    """
    _decide(proposal, consented_at=now)
    hand_over(author=author, supervisor=supervisor, file=file, for_this_case=True, now=now)


def decline(*, author: Person, file: CaseFile, proposal: HandoverProposal, now: datetime) -> None:
    """The author keeps the supervisor she has.

    Raises:
        NotNow: the proposal was taken back or answered.
    """
    _decide(proposal, declined_at=now)
    audit.record(actor_id=author.id, action="handover-declined", subject=f"case/{file.case.id}", now=now)


def _decide(proposal: HandoverProposal, **decision: datetime) -> None:
    decided = update(HandoverProposal).where(HandoverProposal.id == proposal.id, is_undecided()).values(**decision)
    if db.session.scalar(decided.returning(HandoverProposal.id)) is None:
        raise NotNow


# --- who else may read ------------------------------------------------------------------------------------------------


def open_to_session(*, author: Person, file: CaseFile, session_id: UUID | None, now: datetime) -> None:
    """Let the participants of one group session read the case inside its window, or nobody beyond the supervisor."""
    running = update(CaseOpening).where(CaseOpening.case_id == file.case.id, CaseOpening.ended_at.is_(None))
    before = db.session.scalars(running.values(ended_at=now).returning(CaseOpening.session_id)).all()
    if session_id is not None:
        new = insert(CaseOpening).values(id=new_id(), case_id=file.case.id, session_id=session_id, opened_at=now)
        db.session.execute(new.on_conflict_do_nothing())
    if session_id is not None or before:
        audit.record(actor_id=author.id, action="visibility-changed", subject=f"case/{file.case.id}", now=now)


# --- the end of a thread ----------------------------------------------------------------------------------------------


def close(*, actor: Person, file: CaseFile, now: datetime) -> None:
    """End the thread; the time until the purge counts from here.

    Raises:
        NotNow: it is closed already.
    """
    new = insert(CaseClosing).values(id=new_id(), case_id=file.case.id, closed_by=actor.id, closed_at=now)
    if db.session.scalar(new.on_conflict_do_nothing().returning(CaseClosing.id)) is None:
        raise NotNow
    audit.record(actor_id=actor.id, action="case-closed", subject=f"case/{file.case.id}", now=now)


def reopen(*, actor: Person, file: CaseFile, now: datetime) -> None:
    """Take up a closed thread again.

    Raises:
        NotNow: it is not closed.
    """
    closed = update(CaseClosing).where(CaseClosing.case_id == file.case.id, CaseClosing.reopened_at.is_(None))
    reopened = closed.values(reopened_at=now, reopened_by=actor.id).returning(CaseClosing.id)
    if db.session.scalar(reopened) is None:
        raise NotNow
    audit.record(actor_id=actor.id, action="case-reopened", subject=f"case/{file.case.id}", now=now)


def _tell(file: CaseFile, person_id: UUID, kind: str, occasion_id: UUID, now: datetime) -> None:
    outbox.put(key=f"{kind}/{occasion_id}", kind=kind, person_id=person_id, subject_id=file.case.id, now=now)

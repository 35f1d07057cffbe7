"""What waits for me, and since when: one statement over every room's waiting rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from supervision.agreements.models import Agreement
from supervision.agreements.queries import runs_on
from supervision.cases import queries as cases
from supervision.cases.break_glass import queries as break_glass
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.feedback.models import Answer, Feedback, Message
from supervision.cases.inbox import queries as inbox
from supervision.cases.models import (
    Case,
    CaseAssignment,
    CaseDraft,
    CaseReading,
    CaseVersion,
    HandoverProposal,
    SupplementRequest,
)
from supervision.cases.queries import CaseLine
from supervision.cases.rules import awaited_at
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology.models import TextDraft
from supervision.deontology.referrals import queries as referrals
from supervision.deontology.referrals.models import Referral, ReferralEntry
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person, RoleGrant
from supervision.people.viewer import Viewer
from supervision.permissions import own_cases, own_referrals, referrals_to_committee, supervised_cases, visible_cases

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for one act."""

    kind: str
    subject_id: UUID | None
    since: datetime
    due: datetime | None
    title: str | None
    other_name: str | None


def what_waits(
    me: Viewer, today: date, keyring: Keyring, now: datetime, *, target_days: int, limit: int = 50
) -> list[Waiting]:
    """Everything that waits for this person, the longest wait first. Two statements, whatever the number of rows."""
    selects = [
        *_as_author(me, now),
        _stranded(me, today),
        *_as_supervisor(me, today),
        *_as_side(me, today),
        *_as_officer(me),
        *_of_committee(me, now),
        *_drafts_of_texts(me),
        _from_committee(me),
    ]
    rows = db.session.execute(union_all(*selects).order_by("since").limit(limit)).all()
    lines = _lines(me, today, keyring, now, [row.subject_id for row in rows if row.kind in CASE_KINDS])
    return [_waiting(row, lines.get(row.subject_id), target_days) for row in rows]


def _waiting(row: Row[*tuple[Any, ...]], line: CaseLine | None, target_days: int) -> Waiting:
    due, since = None, row.since
    if row.kind == "feedback-to-write" and line is not None and line.waits_since is not None:
        since = line.waits_since
        due = awaited_at(since=since, target_days=target_days, agreed_on=line.agreed_on)
    return Waiting(row.kind, row.subject_id, since, due, line.title if line else None, row.other_name)


CASE_KINDS = {
    "draft",
    "case-stranded",
    "supplement-to-give",
    "handover-to-decide",
    "feedback-to-write",
    "feedback-to-read",
    "answer-to-write",
    "answer-to-read",
    "message-to-read",
}


def _row(kind: str | ColumnElement[str], subject: Any, since: Any, other: Any = None) -> list[ColumnElement[Any]]:
    """The columns of one waiting thing; every select below yields these four."""
    name = null() if other is None else other
    what = literal(kind) if isinstance(kind, str) else kind
    return [what.label("kind"), subject.label("subject_id"), since.label("since"), name.label("other_name")]


def _is_out(now: datetime) -> ColumnElement[bool]:
    """The version has its feedback; one that may be recalled must change nothing on its addressee's page."""
    out = exists().where(Feedback.version_id == CaseVersion.id, Feedback.published_at <= now, ~cases.is_recalled())
    return out.correlate(CaseVersion)


def _latest(mine: Rows) -> Rows:
    return mine.join(CaseVersion, CaseVersion.case_id == Case.id).where(cases.is_latest(), ~cases.is_withdrawn())


def _as_author(me: Viewer, now: datetime) -> list[Rows]:
    drafts = own_cases(me).join(CaseDraft, CaseDraft.case_id == Case.id).where(cases.is_open())
    unanswered = (
        _latest(own_cases(me))
        .join(Feedback, Feedback.version_id == CaseVersion.id)
        .join(Person, Person.id == Feedback.author_id)
        .outerjoin(Answer, Answer.feedback_id == Feedback.id)
        .where(Answer.id.is_(None), Feedback.published_at <= now, ~cases.is_recalled(), cases.is_open())
    )
    read = exists().where(
        CaseReading.case_id == Case.id,
        CaseReading.what == "feedback",
        CaseReading.reader_id == me.id,
        CaseReading.read_at >= Feedback.published_at,
    )
    kind = case((read, "answer-to-write"), else_="feedback-to-read")
    asked = (
        _latest(own_cases(me))
        .join(SupplementRequest, SupplementRequest.version_id == CaseVersion.id)
        .join(Person, Person.id == SupplementRequest.asked_by)
        .where(cases.is_ungiven(), ~_is_out(now), cases.is_open())
    )
    proposed = (
        _latest(own_cases(me))
        .join(HandoverProposal, HandoverProposal.case_id == Case.id)
        .join(Person, Person.id == HandoverProposal.supervisor_id)
        .where(cases.is_undecided())
        .where(Person.deactivated_at.is_(None), ~_is_out(now), cases.is_open())
    )
    return [
        drafts.with_only_columns(*_row("draft", Case.id, CaseDraft.edited_at)),
        unanswered.with_only_columns(*_row(kind, Case.id, Feedback.published_at, Person.display_name)),
        asked.with_only_columns(*_row("supplement-to-give", Case.id, SupplementRequest.asked_at, Person.display_name)),
        proposed.with_only_columns(
            *_row("handover-to-decide", Case.id, HandoverProposal.proposed_at, Person.display_name)
        ),
        _messages(me, own_cases(me)),
    ]


def _messages(me: Viewer, visible: Select[Case]) -> Rows:
    """Words of the other side since I last opened the case, as one line for each case."""
    unseen = inbox.unread_messages(me.id, visible).join(Person, Person.id == Message.author_id)
    unseen = unseen.group_by(Case.id, Person.display_name)
    since = func.min(Message.written_at)
    return unseen.with_only_columns(*_row("message-to-read", Case.id, since, Person.display_name))


def _stranded(me: Viewer, today: date) -> Rows:
    """My unanswered cases whose supervisor cannot read them any more."""
    reads = exists().where(
        Agreement.supervisee_id == me.id, Agreement.supervisor_id == CaseAssignment.supervisor_id, runs_on(today)
    )
    waiting = (
        own_cases(me)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .join(CaseAssignment, CaseAssignment.case_id == Case.id)
        .join(Person, Person.id == CaseAssignment.supervisor_id)
        .where(*cases.is_unanswered())
        .where(or_(Person.deactivated_at.is_not(None), and_(~reads, ~CaseAssignment.for_this_case)))
    )
    return waiting.with_only_columns(*_row("case-stranded", Case.id, CaseVersion.submitted_at, Person.display_name))


def _as_supervisor(me: Viewer, today: date) -> list[Rows]:
    received = supervised_cases(me, today)
    asked = exists().where(
        SupplementRequest.version_id == CaseVersion.id,
        cases.is_ungiven(),
    )
    to_write = inbox.waiting(me.id, received).join(Person, Person.id == Case.author_id).where(~asked)
    answered = inbox.unread_answers(me.id, received).join(Person, Person.id == Answer.author_id)
    return [
        to_write.with_only_columns(*_row("feedback-to-write", Case.id, CaseVersion.submitted_at, Person.display_name)),
        answered.with_only_columns(*_row("answer-to-read", Case.id, Answer.answered_at, Person.display_name)),
        _messages(me, received),
    ]


def _as_side(me: Viewer, today: date) -> list[Rows]:
    """One select for each side: a single one with « or » would use neither index."""
    row = select(*_row("agreement-to-sign", Agreement.id, Agreement.proposed_at)).where(
        Agreement.ended_at.is_(None), or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today)
    )
    return [
        row.where(Agreement.supervisee_id == me.id, Agreement.supervisee_signed_at.is_(None)),
        row.where(Agreement.supervisor_id == me.id, Agreement.supervisor_signed_at.is_(None)),
    ]


def _as_officer(me: Viewer) -> list[Rows]:
    if not me.holds("administrator"):
        return []
    offices = (
        select(*_row("office-to-confirm", RoleGrant.person_id, RoleGrant.granted_at, Person.display_name))
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.confirmed_at.is_(None), RoleGrant.ended_at.is_(None))
        .where(RoleGrant.granted_by != me.id, RoleGrant.person_id != me.id)
    )
    gone_wrong = func.min(OutboxMail.failed_at)  # one line for all: an outage must not hide everything else
    failed = select(*_row("mail-failed", cast(null(), Uuid), gone_wrong)).having(gone_wrong.is_not(None))
    return [offices, failed.where(OutboxMail.failed_at.is_not(None))]


def _of_committee(me: Viewer, now: datetime) -> list[Rows]:
    """What somebody else of the committee asks, as long as a second word is possible."""
    if not me.holds("committee"):
        return []
    asked = select(*_row("glass-to-confirm", BreakGlass.id, BreakGlass.asked_at, Person.display_name))
    waiting = asked.join(Person, Person.id == BreakGlass.asked_by).where(break_glass.waits(now))
    return [waiting.where(BreakGlass.asked_by != me.id, ~break_glass.is_involved(me.id)), _to_committee(me)]


def _to_committee(me: Viewer) -> Rows:
    """What somebody brought, or wrote again, and nobody of the committee has answered yet."""
    last = ReferralEntry.id == referrals.last_entry()
    waiting = referrals_to_committee(me).join(ReferralEntry, last).join(Person, Person.id == Referral.author_id)
    waiting = waiting.where(Referral.closed_at.is_(None), ReferralEntry.by_id == Referral.author_id)
    return waiting.with_only_columns(
        *_row("referral-to-answer", Referral.id, ReferralEntry.written_at, Person.display_name)
    )


def _from_committee(me: Viewer) -> Rows:
    """What the committee wrote to me since I last looked, as one line for each; not once it is destroyed."""
    news = own_referrals(me).join(ReferralEntry, ReferralEntry.referral_id == Referral.id)
    news = news.where(Referral.wrapped.is_not(None), referrals.is_news_to(me.id)).group_by(Referral.id)
    return news.with_only_columns(*_row("referral-to-read", Referral.id, func.min(ReferralEntry.written_at)))


def _drafts_of_texts(me: Viewer) -> list[Rows]:
    """A next version that a colleague of the committee asks me to read over, and one of mine that was approved."""
    if not me.holds("committee"):
        return []
    nothing = cast(null(), Uuid)
    asked = select(*_row("text-to-review", nothing, TextDraft.review_asked_at, Person.display_name))
    asked = asked.join(Person, Person.id == TextDraft.review_asked_by).where(TextDraft.review_asked_by != me.id)
    approved = select(*_row("text-to-publish", nothing, TextDraft.approved_at, Person.display_name))
    approved = approved.join(Person, Person.id == TextDraft.approved_by).where(TextDraft.review_asked_by == me.id)
    return [asked.where(TextDraft.approved_at.is_(None)), approved]


def _lines(me: Viewer, today: date, keyring: Keyring, now: datetime, case_ids: list[UUID]) -> dict[UUID, CaseLine]:
    if not case_ids:
        return {}
    wanted = visible_cases(me, today, now).where(Case.id.in_(case_ids))
    return {line.id: line for line in cases.case_lines(wanted, keyring, now, limit=len(case_ids))}

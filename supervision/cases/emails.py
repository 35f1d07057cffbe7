"""Mails about cases: that something waits, and where. No word, no title, no name of a third person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from supervision.agreements.queries import runs_between
from supervision.association.queries import the_association
from supervision.cases import queries
from supervision.cases.awaited.queries import PostFacts, post_facts
from supervision.cases.feedback import queries as feedback
from supervision.cases.rules import awaited_at, reminder_stage
from supervision.cases.visibility import queries as visibility
from supervision.cases.words import NOTICES
from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def submitted(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    facts, person = _facts(mail, now)
    return (
        _over(facts)
        or _answered(facts)
        or _pointless(facts, person, now)
        or letter(
            person,
            template="cases/submitted",
            subject=lambda: _("Une situation vous attend"),
            url=_case_link(mail.subject_id),
            submitted_at=facts.submitted_at,
            is_next=facts.had_before,
        )
    )


def feedback_published(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    if feedback.was_recalled(UUID(mail.facts["feedback"])):
        return NoLongerTrue("feedback-recalled")
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="cases/feedback_published",
        subject=lambda: _("Un retour vous attend"),
        url=_case_link(mail.subject_id),
    )


def feedback_answered(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    facts, person = _facts(mail, now)
    return _pointless(facts, person, now) or letter(
        person,
        template="cases/feedback_answered",
        subject=lambda: _("Une réponse vous attend"),
        url=_case_link(mail.subject_id),
    )


def feedback_due(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """Looks at the facts again: the feedback may be out by now, or a later reminder may be due instead."""
    facts, person = _facts(mail, now)
    untrue = _over(facts) or _answered(facts) or _pointless(facts, person, now) or _not_yet(facts, mail, now)
    return untrue or letter(
        person,
        template="cases/feedback_due",
        subject=lambda: _("Un retour est attendu"),
        url=_case_link(mail.subject_id),
        days=(now - facts.waits_since).days,
    )


def _not_yet(facts: PostFacts, mail: OutboxMail, now: datetime) -> NoLongerTrue | None:
    """The author is waited for, another day was announced, or a later reminder says it better."""
    association = the_association()
    target = association.feedback_target_days if association else 0
    at = awaited_at(since=facts.waits_since, target_days=target, agreed_on=facts.agreed_on)
    if facts.asked_at is not None or at.date().isoformat() != mail.facts["awaited_on"]:
        return NoLongerTrue("no-longer-awaited")
    return None if reminder_stage(awaited_at=at, now=now) == mail.facts["stage"] else NoLongerTrue("later-stage")


def supplement_asked(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    facts, _person = _facts(mail, now)
    if facts.asked_at is None:
        return NoLongerTrue("supplement-given")
    return _over(facts) or _is_out(facts, now) or _notice(mail)


def handover_proposed(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    if queries.open_proposal(mail.subject_id) is None:
        return NoLongerTrue("handover-decided")
    facts, _person = _facts(mail, now)
    return _over(facts) or _is_out(facts, now) or _notice(mail)


def to_either_side(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """A word in the thread: the author always gets it, the supervisor as long as she may read."""
    facts, person = _facts(mail, now)
    pointless = None if person.id == facts.author_id else _pointless(facts, person, now)
    return _over(facts) or pointless or _notice(mail)


def window_moved(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """True as long as the case is opened to that session, in the very window that was announced and is not over."""
    facts, _person = _facts(mail, now)
    session = visibility.running_opening(mail.subject_id)
    if session is None or str(session.id) != mail.facts["session"] or session.cancelled_at is not None:
        return NoLongerTrue("no-longer-opened")
    announced = tuple(datetime.fromisoformat(mail.facts[name]) for name in ("opens_at", "closes_at"))
    if (session.opens_at, session.closes_at) != announced or session.closes_at <= now:
        return NoLongerTrue("window-over")
    return _over(facts) or _notice(mail)


def _notice(mail: OutboxMail) -> Letter:
    notice = NOTICES[mail.kind]
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="cases/notice",
        subject=lambda: str(notice.subject),
        url=_case_link(mail.subject_id),
        notice=notice,
    )


def _facts(mail: OutboxMail, now: datetime) -> tuple[PostFacts, Person]:
    return post_facts(mail.subject_id, now), db.session.get_one(Person, mail.person_id)


def _over(facts: PostFacts) -> NoLongerTrue | None:
    if facts.withdrawn_at is not None:
        return NoLongerTrue("case-withdrawn")
    return NoLongerTrue("case-closed") if facts.ended_at is not None else None


def _answered(facts: PostFacts) -> NoLongerTrue | None:
    return NoLongerTrue("feedback-published") if facts.published_at is not None else None


def _is_out(facts: PostFacts, now: datetime) -> NoLongerTrue | None:
    """For what is asked of the author: a feedback that may still be recalled changes nothing for her."""
    return _answered(facts) if facts.published_at is not None and facts.published_at <= now else None


def _pointless(facts: PostFacts, person: Person, now: datetime) -> NoLongerTrue | None:
    """A supervisor who can no longer open the case: a mail would lead to a closed door."""
    association = the_association()
    today = association.day_of(now) if association else now.date()
    may_read = facts.for_this_case or runs_between(facts.author_id, person.id, today)
    return None if person.id == facts.supervisor_id and may_read else NoLongerTrue("no-longer-supervisor")


def _case_link(case_id: UUID) -> str:
    return link_to("cases.case", case_id=case_id)


COMPOSERS: dict[str, Callable[[OutboxMail, datetime], Letter | NoLongerTrue]] = {
    "case-submitted": submitted,
    "feedback-published": feedback_published,
    "feedback-answered": feedback_answered,
    "feedback-due": feedback_due,
    "feedback-corrected": to_either_side,
    "supplement-asked": supplement_asked,
    "supplement-given": to_either_side,
    "message-written": to_either_side,
    "handover-proposed": handover_proposed,
    "window-moved": window_moved,
}

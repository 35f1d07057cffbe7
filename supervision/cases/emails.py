"""Mails about cases: that something waits, and where. No word, no title, no name of a third person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from supervision.agreements.queries import supervisors_of
from supervision.association.queries import the_association
from supervision.cases import queries
from supervision.cases.queries import PostFacts
from supervision.cases.rules import reminder_stage
from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def submitted(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    facts, person = queries.post_facts(mail.subject_id), db.session.get_one(Person, mail.person_id)
    if facts.published_at is not None:
        return NoLongerTrue("feedback-published")
    return _pointless(facts, person, now) or letter(
        person,
        template="cases/submitted",
        subject=lambda: _("Une situation vous attend"),
        url=_case_link(mail.subject_id),
        submitted_at=facts.submitted_at,
    )


def feedback_published(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="cases/feedback_published",
        subject=lambda: _("Un retour vous attend"),
        url=_case_link(mail.subject_id),
    )


def feedback_answered(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    facts, person = queries.post_facts(mail.subject_id), db.session.get_one(Person, mail.person_id)
    return _pointless(facts, person, now) or letter(
        person,
        template="cases/feedback_answered",
        subject=lambda: _("Une réponse vous attend"),
        url=_case_link(mail.subject_id),
    )


def feedback_due(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """Looks at the facts again: the feedback may be out by now, or a later reminder may be due instead."""
    facts, person = queries.post_facts(mail.subject_id), db.session.get_one(Person, mail.person_id)
    if facts.published_at is not None:
        return NoLongerTrue("feedback-published")
    if (reminder_stage(submitted_at=facts.submitted_at, now=now) or 0) > mail.facts["days"]:
        return NoLongerTrue("later-stage")
    return _pointless(facts, person, now) or letter(
        person,
        template="cases/feedback_due",
        subject=lambda: _("Un retour est attendu"),
        url=_case_link(mail.subject_id),
        submitted_at=facts.submitted_at,
        days=(now - facts.submitted_at).days,
    )


def _pointless(facts: PostFacts, person: Person, now: datetime) -> NoLongerTrue | None:
    """A supervisor whose agreement has ended can no longer open the case: a mail would lead to a closed door."""
    association = the_association()
    today = association.day_of(now) if association else now.date()
    if person.id not in {supervisor.id for supervisor in supervisors_of(facts.author_id, today)}:
        return NoLongerTrue("no-longer-supervisor")
    return None


def _case_link(case_id: UUID) -> str:
    return link_to("cases.case", case_id=case_id)


COMPOSERS = {
    "case-submitted": submitted,
    "feedback-published": feedback_published,
    "feedback-answered": feedback_answered,
    "feedback-due": feedback_due,
}

"""One mail for both sides: a word waits, and where. It does not say from whom, nor what it is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from supervision.db import db
from supervision.deontology.referrals import actions, queries
from supervision.deontology.referrals.models import Referral
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people import queries as people
from supervision.people.models import Person


def word_waiting(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """Looks again: the reader may have read it by now, have left the committee, or be set aside."""
    referral = db.session.get(Referral, mail.subject_id)
    if referral is None or referral.wrapped is None or not _is_theirs(referral, mail.person_id, now):
        return NoLongerTrue("word-not-theirs")
    if not queries.is_entry_news(UUID(mail.facts["entry"]), mail.person_id):
        return NoLongerTrue("word-read")
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="deontology/word_waiting",
        subject=lambda: _("Un mot vous attend"),
        url=link_to("referrals.arrive", referral_id=mail.subject_id),
    )


def _is_theirs(referral: Referral, person_id: UUID, now: datetime) -> bool:
    if person_id == referral.author_id:
        return True
    sits = queries.COMMITTEE in people.running_roles(person_id, now)
    return sits and person_id not in queries.set_aside(referral.id)


COMPOSERS = {actions.MAIL: word_waiting}

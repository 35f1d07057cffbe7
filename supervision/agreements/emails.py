"""Mails about agreements: that one waits for a signature, and where."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from supervision.agreements.models import Agreement
from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def proposed(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """Looks again: it may be signed by now on the screen, or ended."""
    agreement = db.session.get_one(Agreement, mail.subject_id)
    if agreement.ended_at is not None:
        return NoLongerTrue("agreement-ended")
    signed = {
        agreement.supervisee_id: agreement.supervisee_signed_at,
        agreement.supervisor_id: agreement.supervisor_signed_at,
    }
    if signed.get(mail.person_id) is not None:
        return NoLongerTrue("agreement-signed")
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="agreements/proposed",
        subject=lambda: _("Un contrat de supervision à signer"),
        url=link_to("agreements.agreements"),
    )


COMPOSERS = {"agreement-proposed": proposed}

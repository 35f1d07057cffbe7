"""The mail after an answer: that it is recorded, and where its receipt is. Never which answer, nor to what."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from supervision.db import db
from supervision.deontology.models import Acknowledgement
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def answer_receipt(mail: OutboxMail, now: datetime) -> Letter:
    """Always true: an answer stays recorded, whatever came after."""
    row = db.session.get_one(Acknowledgement, mail.subject_id)
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="deontology/answer_receipt",
        subject=lambda: _("Votre réponse est enregistrée"),
        url=link_to("receipts.receipt", number=row.number),
    )


COMPOSERS = {"answer-receipt": answer_receipt}

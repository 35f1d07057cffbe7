"""The mail to whoever was given more time, or no longer has it: that something was decided, and where it is said."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def text_extension(mail: OutboxMail, now: datetime) -> Letter:
    """Always true: the page says what holds now."""
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="deontology/text_extension",
        subject=lambda: _("Votre délai pour répondre à un texte"),
        url=link_to("people.account") + "#textes",
    )


COMPOSERS = {"text-extension": text_extension}

"""What holds for the mails of every room: whoever has left is not written to."""

from __future__ import annotations

from datetime import datetime

from supervision.db import db
from supervision.mailer import Letter
from supervision.outbox.delivery import Composer, NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def only_to_members(compose: Composer) -> Composer:
    """Compose nothing for a person whose account has been closed since the mail was put in the outbox."""

    def look_first(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
        person = db.session.get_one(Person, mail.person_id)
        return compose(mail, now) if person.deactivated_at is None else NoLongerTrue("person-left")

    return look_first

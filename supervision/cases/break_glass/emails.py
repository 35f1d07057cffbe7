"""The mail to whoever wrote a case that was opened: that it happened, and where everything is said."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def glass_broken(mail: OutboxMail, now: datetime) -> Letter:
    """Always true: whatever came after, the author must know."""
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="cases/glass_broken",
        subject=lambda: _("La confidentialité d’une situation est levée"),
        url=link_to("cases.case", case_id=mail.subject_id) + "#levees",
    )


COMPOSERS = {"glass-broken": glass_broken}

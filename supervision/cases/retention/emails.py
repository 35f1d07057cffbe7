"""The mail that comes before a purge: which day, and where. Nothing of what was written."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _

from supervision.association.queries import the_association
from supervision.cases.retention import queries
from supervision.cases.retention.rules import AT_LEAST
from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person


def purge_notice(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """Looks at the day again: the case may have been reopened, held or purged by now."""
    association = the_association()
    if association is None or queries.proof(mail.subject_id) is not None:
        return NoLongerTrue("case-purged")
    kept = queries.keeping(mail.subject_id, association)
    if kept is None:
        return NoLongerTrue("case-reopened")
    if str(kept.purge_on) != mail.facts["purge_on"]:
        return NoLongerTrue("purge-moved")
    if queries.stage_of(kept, association.day_of(now)) != mail.facts["stage"]:
        return NoLongerTrue("later-stage")
    announced = date.fromisoformat(mail.facts["purge_on"])
    return letter(
        db.session.get_one(Person, mail.person_id),
        template="cases/purge_notice",
        subject=lambda: _("Une situation close va être détruite"),
        url=link_to("cases.case", case_id=mail.subject_id) + "#conservation",
        purge_on=max(announced, association.day_of(now + AT_LEAST)),
    )


COMPOSERS = {queries.NOTICE: purge_notice}

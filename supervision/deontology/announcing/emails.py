"""Mails about versions of texts: one comes, one is to be signed, one was made clearer. Each looks at the facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from supervision import i18n
from supervision.association.queries import the_association
from supervision.db import db
from supervision.deontology.announcing import queries
from supervision.deontology.announcing.rules import reached
from supervision.deontology.authoring import queries as drafts
from supervision.deontology.consequences.queries import duties_of
from supervision.deontology.consequences.words import said
from supervision.deontology.models import TextKind, TextVersion
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people import queries as people
from supervision.people.models import Person


def review(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """To the others of the committee, as long as exactly this draft waits for one of them."""
    draft, person = drafts.draft(mail.facts["text"]), db.session.get_one(Person, mail.person_id)
    waits = draft is not None and draft.review_asked_by is not None and draft.approved_at is None
    if draft is None or not waits or draft.revision != mail.facts["revision"]:
        return NoLongerTrue("review-over")
    if "committee" not in people.running_roles(person.id, now):
        return NoLongerTrue("no-longer-committee")
    return letter(
        person,
        template="deontology/text_review",
        subject=lambda: _("Un texte à relire"),
        url=link_to("authoring.index", kind=draft.kind),
        name=_name(db.session.get_one(TextKind, draft.kind), person),
    )


def announced(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    """Before its day; from that day on another mail says it."""
    version, person = _facts(mail)
    if version.effective_on <= _today(now):
        return NoLongerTrue("later-stage")
    return _pointless(version, person, now) or letter(
        person,
        template="deontology/text_announced",
        subject=lambda: _("Une nouvelle version à signer"),
        url=_link(version),
        **_about(version, person),
        sign_before=version.effective_on + timedelta(days=version.grace_days),
    )


def due(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    version, person = _facts(mail)
    today = _today(now)
    duty = next((duty for duty in duties_of(person.id, today) if duty.version_id == version.id), None)
    if duty is None:
        return NoLongerTrue("text-superseded")
    if not duty.is_asked:
        return NoLongerTrue("text-settled")
    found = reached(duty, grace_days=version.grace_days, today=today)
    if found is None or found.stage != mail.facts["stage"]:
        return NoLongerTrue("later-stage")
    with i18n.speaking(person.language, person.zone):
        follows = said(duty)
    is_over = found.stage == "ended"
    return letter(
        person,
        template="deontology/text_due",
        subject=lambda: _("Votre signature est encore attendue") if is_over else _("Un texte à signer"),
        url=link_to("signing.sign", kind=version.kind),
        **_about(version, person),
        sign_before=duty.grace_ends_on,
        is_over=is_over,
        follows=follows,
    )


def informed(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    version, person = _facts(mail)
    if queries.has_answered(person.id, version.id):
        return NoLongerTrue("text-settled")
    return _pointless(version, person, now) or letter(
        person,
        template="deontology/text_informed",
        subject=lambda: _("Un texte a été précisé"),
        url=_link(version),
        **_about(version, person),
    )


def _facts(mail: OutboxMail) -> tuple[TextVersion, Person]:
    return queries.version(mail.subject_id), db.session.get_one(Person, mail.person_id)


def _pointless(version: TextVersion, person: Person, now: datetime) -> NoLongerTrue | None:
    if queries.is_followed(version) or queries.kind_of(version).retired_at is not None:
        return NoLongerTrue("text-superseded")
    return None if queries.is_bound(person.id, version, now) else NoLongerTrue("text-not-asked")


def _today(now: datetime) -> Any:
    association = the_association()
    return association.day_of(now) if association else now.date()


def _about(version: TextVersion, person: Person) -> dict[str, Any]:
    return {"name": _name(queries.kind_of(version), person), "version": version}


def _name(kind: TextKind, person: Person) -> str:
    return kind.name_fr if person.language == "fr" else kind.name_en


def _link(version: TextVersion) -> str:
    return link_to("deontology.version", kind=version.kind, number=version.number)


COMPOSERS = {
    "text-review": review,
    queries.DUE: due,
    queries.ANNOUNCED: announced,
    queries.INFORMED: informed,
}

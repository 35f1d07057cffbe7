"""What follows for somebody, in plain words: up to when nothing changes, what then, and that signing lifts it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _

from supervision import filters, i18n
from supervision.deontology import queries as texts
from supervision.deontology.consequences import queries
from supervision.deontology.consequences.rules import Duty

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """One text, by its name, and where the person stands with it."""

    duty: Duty
    name: str
    said: str


def told_to(person_id: UUID, today: date) -> list[Told]:
    """Every text that has a version in force, as the person is told of it, the code first."""
    return told(queries.duties_of(person_id, today))


def told(duties: Iterable[Duty]) -> list[Told]:
    french = i18n.current_language() == "fr"
    names = {kind.slug: kind.name_fr if french else kind.name_en for kind in texts.kinds()}
    return [Told(duty, names[duty.kind], said(duty)) for duty in duties]


def said(duty: Duty) -> str:
    """To the person herself, one or two sentences about one text."""
    if duty.stage == "settled":
        return _("Vous l’avez signé.") if duty.answer == "signed" else _("Il ne vous est pas demandé.")
    if duty.stage == "exempt":
        return _("Le comité vous en a dispensé·e ; rien ne vous est demandé.")
    if duty.grace_ends_on is None or duty.hidden_on is None:
        return _("Votre signature est attendue. Rien d’autre n’en dépend.")
    return _while_it_waits(duty.stage, duty.grace_ends_on, duty.hidden_on)


def _while_it_waits(stage: str, grace_ends_on: date, hidden_on: date) -> str:
    ends, since, hidden = (filters.day(day) for day in (grace_ends_on, grace_ends_on + DAY, hidden_on))
    if stage == "grace":
        return _(
            "Jusqu’au %(day)s, rien ne change ; ensuite vous ne pourrez plus soumettre de nouvelle situation tant que "
            "vous n’aurez pas signé.",
            day=ends,
        )
    if stage == "first":
        return _(
            "Vous pourrez soumettre une situation dès que vous aurez signé. À partir du %(day)s, sans signature, vous "
            "ne paraîtrez plus dans l’annuaire.",
            day=hidden,
        )
    if stage == "late":
        return _(
            "Depuis le %(since)s, vous ne pouvez plus soumettre de nouvelle situation ; à partir du %(day)s, vous ne "
            "paraîtrez plus dans l’annuaire. Ce qui est en cours continue. Signer lève tout aussitôt.",
            since=since,
            day=hidden,
        )
    return _(
        "Vous ne pouvez plus soumettre de nouvelle situation et, depuis le %(day)s, vous ne paraissez plus dans "
        "l’annuaire. Ce qui est en cours continue. Signer lève tout aussitôt.",
        day=hidden,
    )

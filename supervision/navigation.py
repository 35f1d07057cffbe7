"""The side navigation: one line for each room the person may enter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext as _

from supervision import permissions
from supervision.people.viewer import Viewer


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    active: bool
    count: int | None = None


def items(me: Viewer) -> list[Item]:
    """What this person may enter, in the order of a day's use."""
    rooms = (
        (True, _("Accueil"), "home.index", "home", ("home",)),
        (
            permissions.can_write_case(me),
            _("Mes situations"),
            "cases.mine",
            "situation",
            ("cases.mine", "case_finding.mine", "case_thread"),
        ),
        (
            me.holds("supervisor"),
            _("À superviser"),
            "cases.received",
            "feedback",
            ("cases.received", "case_finding.received"),
        ),
        (permissions.can_sit_in(me), _("Séances collectives"), "scheduling.sessions", "calendar", ("scheduling",)),
        (permissions.can_see_loads(me), _("Charge"), "case_loads.index", "people", ("case_loads",)),
        (True, _("Code de déontologie"), "deontology.code_in_force", "code", ("deontology",)),
        (
            True,
            _("Questions au comité"),
            "referrals.committee" if permissions.can_receive_referrals(me) else "referrals.mine",
            "feedback",
            ("referrals",),
        ),
        (permissions.can_write_texts(me), _("Textes"), "text_kinds.index", "code", ("text_kinds", "authoring")),
        (permissions.can_see_coverage(me), _("Engagements"), "coverage.index", "agreement", ("coverage", "proof")),
        (permissions.can_break_glass(me), _("Levées"), "break_glass.glasses", "lock", ("break_glass",)),
        (permissions.can_propose_agreement(me), _("Contrats"), "agreements.agreements", "agreement", ("agreements",)),
        (permissions.can_see_people(me), _("Personnes"), "people.people", "people", ("people.pe", "people.invite")),
        (permissions.can_see_delivery(me), _("Courriels"), "outbox.mails", "mail", ("outbox",)),
        (permissions.can_see_audit(me), _("Journal"), "audit.entries", "audit", ("audit",)),
        (permissions.can_edit_form(me), _("Formulaire"), "case_form.index", "situation", ("case_form",)),
        (permissions.can_change_settings(me), _("Réglages"), "association.settings", "settings", ("association",)),
    )
    endpoint = request.endpoint or ""
    return [
        Item(label, url_for(target), icon, endpoint.startswith(marks))
        for granted, label, target, icon, marks in rooms
        if granted
    ]

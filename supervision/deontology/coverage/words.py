"""How stages, acts and mails about who answered are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATUSES = {
    "settled": _l("Signé"),
    "grace": _l("Dans le délai"),
    "first": _l("Première signature attendue"),
    "late": _l("Délai passé"),
    "hidden": _l("Absent·e de l’annuaire"),
    "exempt": _l("Dispensé·e"),
    "informed": _l("En a pris connaissance"),
    "unanswered": _l("Sans réponse"),
    "refused": _l("Refus"),
}
ANSWERS = {
    "signed": _l("signé"),
    "refused": _l("refusé"),
    "informed": _l("pris connaissance"),
    "withdrawn": _l("signature retirée"),
}
MAILS = {"text-extension": _l("Délai ou dispense")}
RECORDED = {
    "text-extension-granted": _l("Délai ou dispense accordé"),
    "text-extension-revoked": _l("Délai ou dispense retiré"),
    "coverage-exported": _l("Liste des engagements exportée"),
}

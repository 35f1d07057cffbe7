"""How a lifting of confidentiality is called on the screen, in mails and in the record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATES = {
    "asked": _l("Attend une seconde voix"),
    "void": _l("Sans suite"),
    "declined": _l("Refusée"),
    "open": _l("Ouverte"),
    "ended": _l("Terminée avant l’heure"),
    "over": _l("Terminée"),
}
MAILS = {"glass-broken": _l("Confidentialité levée")}
RECORDED = {
    "glass-asked": _l("Levée de confidentialité demandée"),
    "glass-confirmed": _l("Levée de confidentialité confirmée"),
    "glass-declined": _l("Levée de confidentialité refusée"),
    "glass-ended": _l("Levée de confidentialité terminée"),
}

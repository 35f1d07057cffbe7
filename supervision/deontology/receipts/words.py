"""How answers and their receipts are called on the screen, on paper and in mails."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ANSWERS = {
    "signed": _l("Signé"),
    "refused": _l("Refusé"),
    "informed": _l("Pris connaissance"),
    "withdrawn": _l("Signature retirée"),
}
STATES = {
    "valid": _l("En vigueur"),
    "superseded": _l("Remplacée : une nouvelle version demande une nouvelle signature"),
    "withdrawn": _l("Retirée depuis"),
}
AUTHENTICATED = {
    "password": _l("mot de passe redonné juste avant"),
    "session": _l("session ouverte"),
}
SHOWN = {
    "whole": _l("en entier, sur une page"),
    "articles": _l("en entier, article par article"),
}
LANGUAGES = {"fr": _l("français"), "en": _l("anglais")}
MAILS = {"answer-receipt": _l("Reçu d’une réponse à un texte")}

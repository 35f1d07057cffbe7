"""Where a word was found, when it was not in a field of the form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

PLACES = {
    "title": _l("Titre"),
    "feedback": _l("Retour"),
    "answer": _l("Ma réponse"),
    "supplement_request": _l("Complément demandé"),
    "supplement": _l("Mon complément"),
    "correction": _l("Complément du retour"),
    "message": _l("Suite de l’échange"),
    "draft": _l("Brouillon de la version suivante"),
}

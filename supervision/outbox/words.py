"""How kinds of mail and their outcomes are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

KIND_NAMES = {
    "invitation": _l("Invitation"),
    "reset": _l("Nouveau mot de passe"),
    "password-changed": _l("Mot de passe changé"),
    "case-submitted": _l("Situation soumise"),
    "feedback-published": _l("Retour publié"),
    "feedback-answered": _l("Réponse au retour"),
    "feedback-due": _l("Retour attendu"),
}
SKIP_REASONS = {
    "link-not-usable": _l("le lien ne sert plus"),
    "feedback-published": _l("le retour est publié"),
    "later-stage": _l("un rappel plus récent le remplace"),
    "no-longer-supervisor": _l("l’accord ne court plus"),
    "person-left": _l("le compte est fermé"),
}

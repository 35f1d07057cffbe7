"""How recorded acts are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTIONS = {
    "person-added": _l("Personne ajoutée"),
    "role-proposed": _l("Charge proposée"),
    "role-granted": _l("Rôle donné"),
    "role-ended": _l("Rôle terminé"),
    "signed-in": _l("Connexion"),
    "password-set": _l("Mot de passe choisi"),
    "agreement-proposed": _l("Accord proposé"),
    "agreement-signed": _l("Accord signé"),
    "agreement-ended": _l("Accord terminé"),
    "code-published": _l("Code publié"),
    "code-signed": _l("Code signé"),
    "code-refused": _l("Code refusé"),
    "case-submitted": _l("Situation soumise"),
    "case-refused": _l("Accès refusé à une situation"),
    "feedback-published": _l("Retour publié"),
    "feedback-answered": _l("Réponse au retour"),
    "master-key-rotated": _l("Clé maîtresse changée"),
    "settings-changed": _l("Réglages changés"),
}

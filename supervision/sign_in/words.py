"""How the mails and recorded acts of signing in are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

MAILS = {
    "invitation": _l("Invitation"),
    "reset": _l("Nouveau mot de passe"),
    "password-changed": _l("Mot de passe changé"),
}
SKIPPED = {"link-not-usable": _l("le lien ne sert plus")}
RECORDED = {"signed-in": _l("Session ouverte"), "password-set": _l("Mot de passe choisi")}

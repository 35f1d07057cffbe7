"""How roles, recorded acts about people, and reasons not to write to them are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ROLE_NAMES = {
    "trainee": _l("Stagiaire"),
    "certified": _l("Intervenant·e certifié·e"),
    "supervisor": _l("Superviseur·e"),
    "secretary": _l("Secrétaire"),
    "treasurer": _l("Trésorier·ère"),
    "coordinator": _l("Référent·e formation"),
    "committee": _l("Comité de déontologie"),
    "administrator": _l("Administrateur·rice"),
}
SKIPPED = {"person-left": _l("le compte est fermé")}
RECORDED = {
    "person-added": _l("Personne ajoutée"),
    "account-closed": _l("Compte fermé"),
    "account-reopened": _l("Compte rouvert"),
    "role-proposed": _l("Charge proposée"),
    "role-granted": _l("Rôle donné"),
    "role-ended": _l("Rôle terminé"),
}

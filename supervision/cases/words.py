"""How states are called on the screen, from each side of the desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

AUTHOR_STATES = {
    "draft": _l("Brouillon"),
    "submitted": _l("Soumise, pas encore ouverte"),
    "being-read": _l("En lecture"),
    "published": _l("Retour à lire"),
    "read": _l("Retour lu"),
    "answered": _l("Répondu"),
}
SUPERVISOR_STATES = {
    "submitted": _l("À ouvrir"),
    "being-read": _l("Retour à écrire"),
    "published": _l("Retour publié, pas encore lu"),
    "read": _l("Retour lu"),
    "answered": _l("Réponse reçue"),
}
FRAME_ETHICS = {
    "nothing": _l("Rien à signaler"),
    "to-work-on": _l("À travailler en séance"),
    "to-handle": _l("À traiter ensemble sans attendre"),
}

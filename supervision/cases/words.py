"""How states are called on the screen, from each side of the desk; and mails and recorded acts about cases."""

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
PARTS = {
    "reperes": _l("Repères"),
    "recit": _l("Ce qui s’est passé"),
    "demande": _l("Ma demande"),
    "garanties": _l("Garanties"),
}
FRAME_ETHICS = {
    "nothing": _l("Rien à signaler"),
    "to-work-on": _l("À travailler en séance"),
    "to-handle": _l("À traiter ensemble sans attendre"),
}
MAILS = {
    "case-submitted": _l("Situation soumise"),
    "feedback-published": _l("Retour publié"),
    "feedback-answered": _l("Réponse au retour"),
    "feedback-due": _l("Retour attendu"),
}
SKIPPED = {
    "feedback-published": _l("le retour est publié"),
    "later-stage": _l("un rappel plus récent le remplace"),
    "no-longer-supervisor": _l("le contrat ne court plus"),
}
RECORDED = {
    "case-submitted": _l("Situation soumise"),
    "case-handed-over": _l("Situation confiée à une autre personne"),
    "case-refused": _l("Accès refusé à une situation"),
    "feedback-published": _l("Retour publié"),
    "feedback-answered": _l("Réponse au retour"),
    "master-key-rotated": _l("Clé maîtresse changée"),
}

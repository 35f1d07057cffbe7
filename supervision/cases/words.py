"""How states are called on the screen, from each side of the desk; and mails and recorded acts about cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Notice:
    """A mail of one sentence: its subject, the sentence, and what the link is for."""

    subject: Any
    sentence: Any
    act: Any


AUTHOR_STATES = {
    "draft": _l("Brouillon"),
    "withdrawn": _l("Retirée, à nouveau brouillon"),
    "submitted": _l("Soumise, pas encore ouverte"),
    "supplement-asked": _l("Complément demandé"),
    "being-read": _l("En lecture"),
    "published": _l("Retour à lire"),
    "read": _l("Retour lu"),
    "answered": _l("Répondu"),
    "worked": _l("Travaillée en séance"),
    "closed": _l("Close"),
    "purged": _l("Purgée"),
}
SUPERVISOR_STATES = {
    "submitted": _l("À ouvrir"),
    "supplement-asked": _l("Complément attendu"),
    "being-read": _l("Retour à écrire"),
    "publishing": _l("Retour envoyé, encore annulable"),
    "published": _l("Retour publié, pas encore lu"),
    "read": _l("Retour lu"),
    "answered": _l("Réponse reçue"),
    "worked": _l("Travaillée en séance"),
    "closed": _l("Close"),
    "purged": _l("Purgée"),
}
NOTICES = {
    "feedback-corrected": Notice(
        _l("Un retour a été complété"),
        _l("Le retour que vous avez reçu sur une situation a été complété."),
        _l("Lire le complément"),
    ),
    "supplement-asked": Notice(
        _l("Un complément vous est demandé"),
        _l("La personne qui supervise une de vos situations a besoin d’une précision pour y répondre."),
        _l("Voir la demande"),
    ),
    "supplement-given": Notice(
        _l("Un complément est arrivé"),
        _l("Un complément a été ajouté à une situation qui vous est confiée."),
        _l("Lire le complément"),
    ),
    "message-written": Notice(
        _l("Un mot vous attend"),
        _l("Un mot a été ajouté à la suite d’une situation."),
        _l("Lire la suite"),
    ),
    "handover-proposed": Notice(
        _l("Une autre personne vous est proposée"),
        _l("Une autre personne est proposée pour superviser une de vos situations. Rien ne change sans votre accord."),
        _l("Voir la proposition"),
    ),
    "window-moved": Notice(
        _l("Une période de lecture a changé"),
        _l("Le groupe auquel vous avez ouvert une de vos situations la lira à d’autres dates."),
        _l("Voir qui peut la lire, et quand"),
    ),
}
MAILS = {
    "case-submitted": _l("Situation soumise"),
    "feedback-published": _l("Retour publié"),
    "feedback-answered": _l("Réponse au retour"),
    "feedback-due": _l("Retour attendu"),
    "feedback-corrected": _l("Retour complété"),
    "supplement-asked": _l("Complément demandé"),
    "supplement-given": _l("Complément donné"),
    "message-written": _l("Mot ajouté à une situation"),
    "handover-proposed": _l("Autre superviseur·e proposé·e"),
    "window-moved": _l("Période de lecture déplacée"),
}
SKIPPED = {
    "feedback-published": _l("le retour est publié"),
    "feedback-recalled": _l("le retour a été repris avant d’être visible"),
    "later-stage": _l("un rappel plus récent le remplace"),
    "no-longer-awaited": _l("l’échéance a changé, ou un complément est attendu"),
    "no-longer-supervisor": _l("le contrat ne court plus, ou la situation est confiée à quelqu’un d’autre"),
    "case-withdrawn": _l("la situation est retirée"),
    "case-closed": _l("la situation est close"),
    "supplement-given": _l("le complément est donné"),
    "handover-decided": _l("la proposition a sa réponse"),
    "no-longer-opened": _l("la situation n’est plus ouverte à cette séance"),
    "window-over": _l("la période de lecture est passée, ou a encore changé"),
}
RECORDED = {
    "case-submitted": _l("Situation soumise"),
    "case-withdrawn": _l("Situation retirée avant lecture"),
    "case-handed-over": _l("Situation confiée à une autre personne"),
    "case-refused": _l("Accès refusé à une situation"),
    "case-closed": _l("Situation close"),
    "case-reopened": _l("Situation rouverte"),
    "case-purged": _l("Situation purgée, clé détruite"),
    "handover-proposed": _l("Autre superviseur·e proposé·e"),
    "handover-declined": _l("Proposition d’un·e autre superviseur·e déclinée"),
    "supplement-asked": _l("Complément demandé"),
    "supplement-given": _l("Complément donné"),
    "deadline-set": _l("Échéance annoncée"),
    "visibility-changed": _l("Visibilité d’une situation changée"),
    "feedback-published": _l("Retour publié"),
    "feedback-recalled": _l("Retour repris avant d’être visible"),
    "feedback-corrected": _l("Retour complété"),
    "feedback-answered": _l("Réponse au retour"),
    "message-written": _l("Mot ajouté à une situation"),
    "master-key-rotated": _l("Clé maîtresse changée"),
}

"""How the tabs of the desk are called, in an address and on the screen, and what an empty one says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from supervision.cases.inbox.rules import DRAFTS, SENT, SUPPLEMENT, TO_ANSWER, TO_READ

EVERYTHING = "everything"


@dataclass(frozen=True)
class Tab:
    in_address: str
    label: Any
    since: Any  # the head of the column with the date
    empty: Any


TABS = {
    TO_ANSWER: Tab(
        "",
        _l("À répondre"),
        _l("En attente depuis"),
        _l("Personne n’attend votre retour. Ce que l’on vous soumet arrive ici ; un courriel vous prévient."),
    ),
    SUPPLEMENT: Tab(
        "complements",
        _l("Complément attendu"),
        _l("Demandé"),
        _l("Vous n’attendez aucun complément. L’échéance d’une situation dort tant que vous en attendez un."),
    ),
    DRAFTS: Tab(
        "brouillons",
        _l("Mes brouillons de retour"),
        _l("Modifié"),
        _l("Aucun retour commencé. Un retour peut se laisser et se reprendre à tout moment."),
    ),
    SENT: Tab(
        "envoyes",
        _l("Envoyés, encore annulables"),
        _l("Envoyé"),
        _l("Aucun retour dans ses dix minutes. Passé ce délai, il est visible et un courriel part."),
    ),
    TO_READ: Tab(
        "a-lire",
        _l("Réponses et mots à lire"),
        _l("Arrivé"),
        _l("Vous avez tout lu."),
    ),
    EVERYTHING: Tab(
        "toutes",
        _l("Toutes"),
        _l("Depuis"),
        _l("Les situations que l’on vous soumet arrivent ici ; un courriel vous prévient."),
    ),
}
BY_ADDRESS = {tab.in_address: name for name, tab in TABS.items()}

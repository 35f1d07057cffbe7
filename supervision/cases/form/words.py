"""What officers are told about a definition, and what is recorded."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "fixed-removed": _l("D’autres pages reposent sur ce champ : il doit rester."),
    "kind-unknown": _l("Ce genre de champ n’existe pas."),
    "key-twice": _l("Deux champs portent la même clé."),
    "key-unusable": _l("Cette clé ne peut pas servir."),
    "key-reused": _l("Une version antérieure avait sous cette clé un champ d’un autre genre."),
    "no-words": _l("Il manque des mots dans l’une des deux langues."),
    "too-few-options": _l("Il faut au moins deux options à proposer."),
    "option-keys": _l("Deux options portent la même clé."),
    "no-emergency-sentence": _l("Qui demande l’urgence dit que ceci n’est pas un canal d’urgence."),
    "out-of-reach": _l("La partie en demande plus qu’elle n’en contient."),
}
CHANGES = {
    "added": _l("ajouté"),
    "removed": _l("supprimé"),
    "retired": _l("retiré"),
    "brought-back": _l("demandé de nouveau"),
    "required": _l("devient obligatoire"),
    "optional": _l("devient facultatif"),
    "reworded": _l("reformulé"),
    "options": _l("options modifiées"),
    "at-least": _l("le minimum demandé change"),
    "moved": _l("déplacé"),
}
RECORDED = {"form-published": _l("Formulaire publié")}

"""What the committee is told about a draft, what is recorded, and how its mails are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

BOTH = _l("Il manque des mots dans cette langue : chaque personne lit et signe dans la sienne.")
PROBLEMS = {
    "no-translation": BOTH,
    "no-title": _l("Un titre manque."),
    "no-body": _l("Cet article n’a pas encore de texte."),
    "no-sentence": _l("Il manque la phrase que l’on signe."),
    "no-summary": _l("Dites en quelques phrases ce qui change depuis la version précédente."),
    "no-article": _l("Il faut au moins un article."),
    "first-is-major": _l("La première version est à signer : elle est forcément majeure."),
    "no-day": _l("Choisissez le jour où elle prend effet."),
    "day-is-past": _l("Ce jour est passé : choisissez aujourd’hui ou un jour à venir."),
    "day-is-taken": _l("La version précédente prend effet ce jour-là ou plus tard : choisissez un jour après elle."),
}
EITHER = _l("Il manque des mots dans l’une des deux langues.")  # where both stand on one line
STATES = {
    "writing": _l("en cours d’écriture"),
    "in-review": _l("en relecture"),
    "approved": _l("approuvée, à publier"),
}
REFUSALS = {
    "StaleDraft": _l("Quelqu’un d’autre du comité a modifié ce texte entre-temps. Rien n’a été fait ; le voici."),
    "SamePerson": _l("Vous avez demandé cette relecture : une autre personne du comité y répond."),
    "FullText": _l("Ce texte a déjà beaucoup d’articles : regroupez-en d’abord."),
    "NotReviewed": _l("Ce texte n’est pas publié : personne d’autre ne l’a encore approuvé tel qu’il est."),
    "UnsoundDraft": _l("Ce texte n’est pas publié : sa date est passée, ou il reste quelque chose à compléter."),
}
CHANGES = {
    "added": _l("nouvel article"),
    "removed": _l("supprimé"),
    "reworded": _l("reformulé"),
    "moved": _l("déplacé"),
}
KINDS_OF_CHANGE = {
    "major": _l("Majeure : chaque personne tenue par ce texte signe de nouveau"),
    "minor": _l("Mineure : chaque personne en est informée, les signatures restent valables"),
}
RECORDED = {
    "text-review-asked": _l("Relecture d’un texte demandée"),
    "text-approved": _l("Texte approuvé"),
    "text-sent-back": _l("Texte renvoyé avec une remarque"),
}

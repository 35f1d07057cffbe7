"""What a referral is called on the screen. In mails and in the record, which others see, nothing says what it is."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

KINDS = {"question": _l("Question"), "referral": _l("Saisine")}
STEPS = {
    "receipt": _l("Accusé de réception"),
    "interview": _l("Entretien"),
    "hearing": _l("Personne concernée entendue"),
    "advice": _l("Avis demandé"),
    "deliberation": _l("Délibération"),
    "other": _l("Autre démarche"),
}
HEARINGS = {
    "yes": _l("Oui, le comité peut les entendre"),
    "no": _l("Non, pas pour le moment"),
    "later": _l("Je souhaite en parler d’abord avec le comité"),
}
ENTRIES = {
    "opening": _l("Ce qui est apporté"),
    "message": _l("Message"),
    "step": _l("Étape"),
    "note": _l("Note du comité"),
    "conclusion": _l("Conclusion"),
    "reopening": _l("Réouverture"),
}
MAILS = {"word-waiting": _l("Mot à lire")}
SKIPPED = {
    "word-read": _l("le mot est déjà lu"),
    "word-not-theirs": _l("le mot n’est plus pour cette personne"),
}
RECORDED = {
    "referral-refused": _l("Accès refusé à un échange confidentiel"),
    "referral-purged": _l("Échange confidentiel détruit au terme prévu"),
}

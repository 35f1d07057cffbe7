"""How mails about texts, and reasons not to send them, are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

MAILS = {
    "text-review": _l("Texte à relire"),
    "text-announced": _l("Nouvelle version annoncée"),
    "text-due": _l("Texte à signer"),
    "text-informed": _l("Texte précisé"),
}
SKIPPED = {
    "review-over": _l("la relecture n’est plus demandée"),
    "no-longer-committee": _l("n’est plus du comité"),
    "text-superseded": _l("une autre version a pris sa place"),
    "text-settled": _l("la réponse est donnée"),
    "text-not-asked": _l("le texte ne lui est plus demandé"),
}

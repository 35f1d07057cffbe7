"""How group sessions are called on the screen: their states, and recorded acts about them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATES = {
    "to-come": _l("à venir"),
    "open": _l("lecture ouverte"),
    "closed": _l("terminée"),
    "cancelled": _l("annulée"),
}
RECORDED = {
    "group-session-created": _l("Séance collective prévue"),
    "group-session-changed": _l("Séance collective modifiée"),
    "group-session-cancelled": _l("Séance collective annulée"),
    "seat-given": _l("Place donnée en séance collective"),
    "seat-left": _l("Place quittée en séance collective"),
    "seat-removed": _l("Place retirée en séance collective"),
}

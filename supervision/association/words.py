"""How recorded acts about the association are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RECORDED = {"settings-changed": _l("Réglages changés")}

"""How recorded acts about agreements are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RECORDED = {
    "agreement-proposed": _l("Contrat proposé"),
    "agreement-signed": _l("Contrat signé"),
    "agreement-ended": _l("Contrat terminé"),
}

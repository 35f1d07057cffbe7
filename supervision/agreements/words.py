"""How recorded acts and mails about agreements are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RECORDED = {
    "agreement-proposed": _l("Contrat proposé"),
    "agreement-signed": _l("Contrat signé"),
    "agreement-ended": _l("Contrat terminé"),
}
MAILS = {"agreement-proposed": _l("Contrat à signer")}
SKIPPED = {
    "agreement-ended": _l("le contrat a pris fin"),
    "agreement-signed": _l("le contrat est signé"),
}

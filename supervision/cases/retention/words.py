"""How the keeping and the destruction of a situation are called in mails and in the record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

MAILS = {"purge-notice": _l("Destruction annoncée")}
SKIPPED = {
    "case-purged": _l("la situation est purgée"),
    "case-reopened": _l("la situation est rouverte"),
    "purge-moved": _l("la situation est gardée plus longtemps"),
}
RECORDED = {
    "case-held": _l("Situation gardée plus longtemps"),
    "case-let-go": _l("Situation rendue à sa durée de conservation"),
}

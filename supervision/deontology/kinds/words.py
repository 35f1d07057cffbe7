"""How recorded acts about the texts themselves are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RECORDED = {
    "text-kind-added": _l("Texte à accepter ajouté"),
    "text-kind-retired": _l("Texte qui n’est plus demandé"),
    "text-kind-resumed": _l("Texte demandé de nouveau"),
}

"""How recorded acts about the code are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RECORDED = {
    "code-published": _l("Code publié"),
    "code-signed": _l("Code signé"),
    "code-refused": _l("Code refusé"),
    "code-informed": _l("Prise de connaissance"),
    "code-withdrawn": _l("Signature retirée"),
    "text-published": _l("Texte publié"),
}

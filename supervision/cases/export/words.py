"""How taking a copy along is called in the record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RECORDED = {"case-exported": _l("Situation exportée par son auteur·e")}

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import InputRequired

from supervision.forms import PrismeForm, prose, required

WORDS = 2000  # characters of a reason


class KeepForm(PrismeForm):
    until_on = DateField(_l("Ne pas détruire avant le"), [InputRequired(_l("Donnez une date."))])


class CommitteeHoldForm(PrismeForm):
    reason = prose(_l("Pourquoi le comité a besoin de la garder"), required(), limit=WORDS)

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectChoice
from wtforms.validators import Optional

from supervision.forms import PrismeForm, prose, required

REASON = 2000  # characters


class ExtensionForm(PrismeForm):
    what = RadioField(
        _l("Décision"),
        [required()],
        choices=[
            SelectChoice(value="time", label=_l("Un délai, jusqu’à une date")),
            SelectChoice(value="exempt", label=_l("Une dispense de cette version")),
        ],
    )
    until_on = DateField(_l("Dernier jour du délai"), [Optional()])
    reason = prose(_l("Pourquoi"), required(), limit=REASON)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.what.data == "time" and self.until_on.data is None and not self.until_on.errors:
            self.until_on.errors = [_("Donnez une date.")]
            return False
        return valid

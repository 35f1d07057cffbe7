from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from supervision.forms import PrismeForm, required


class AgreementForm(PrismeForm):
    """The choices of both sides are set by the door: they depend on who asks."""

    supervisee = SelectField(_l("Personne supervisée"), [required()])
    supervisor = SelectField(_l("Superviseur·e"), [required()])
    starts_on = DateField(_l("À partir du"), [required()])
    ends_on = DateField(_l("Jusqu’au"), [Optional()])

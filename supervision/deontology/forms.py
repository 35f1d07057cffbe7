from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice
from wtforms.validators import AnyOf

from supervision.forms import PrismeForm, line, required


class AnswerForm(PrismeForm):
    language = HiddenField(validators=[AnyOf(("fr", "en"))])
    answer = RadioField(
        _l("Ma réponse"),
        [required()],
        choices=[SelectChoice("signed", _l("Je signe ce code")), SelectChoice("refused", _l("Je ne le signe pas"))],
    )
    agrees = BooleanField(_l("La phrase d’engagement"))
    typed_name = line(_l("Votre nom, en guise de signature"), required())

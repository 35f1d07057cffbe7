from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectChoice
from wtforms.validators import AnyOf

from supervision.forms import PrismeForm, at_most, line, required
from supervision.people.rules import PASSWORD_MAX


class SignedForm(PrismeForm):
    """A name typed and, unless it was just given, a password."""

    typed_name = line(_l("Votre nom, en guise de signature"), required())
    password = PasswordField(_l("Votre mot de passe"), [at_most(PASSWORD_MAX)])


class AnswerForm(SignedForm):
    language = HiddenField(validators=[AnyOf(("fr", "en"))])
    answer = RadioField(
        _l("Ma réponse"),
        [required()],
        choices=[SelectChoice("signed", _l("Je signe ce texte")), SelectChoice("refused", _l("Je ne le signe pas"))],
    )
    agrees = BooleanField(_l("La phrase d’engagement"))


class WithdrawForm(SignedForm):
    """The language in which it is done is the reader's."""

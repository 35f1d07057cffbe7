from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, PasswordField
from wtforms.validators import EqualTo, ValidationError

from supervision.forms import PrismeForm, at_most, email_field, line, required
from supervision.people.models import Person
from supervision.people.rules import PASSWORD_MAX, PASSWORD_MIN, is_weak


class SignInForm(PrismeForm):
    email = line(_l("Adresse électronique"), required(), limit=254)
    password = PasswordField(_l("Mot de passe"), [required(), at_most(PASSWORD_MAX)])


class ForgottenForm(PrismeForm):
    email = email_field(_l("Adresse électronique"))


class NewPasswordForm(PrismeForm):
    """A password chosen, twice, by a known person."""

    password = PasswordField(_l("Nouveau mot de passe"), [required(), at_most(PASSWORD_MAX)])
    password_again = PasswordField(
        _l("Le même, une seconde fois"),
        [required(), EqualTo("password", _l("Les deux mots de passe diffèrent."))],
    )

    def __init__(self, person: Person | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._person = person

    def validate_password(self, field: Field) -> None:
        if len(field.data) < PASSWORD_MIN:
            raise ValidationError(_l("Choisissez au moins %(count)s caractères.", count=PASSWORD_MIN))
        email, name = (self._person.email, self._person.display_name) if self._person else ("", "")
        if is_weak(field.data, email=email, name=name):
            raise ValidationError(_l("Ce mot de passe se devine trop facilement. Une phrase convient bien."))


class ChangePasswordForm(NewPasswordForm):
    current_password = PasswordField(_l("Mot de passe actuel"), [required(), at_most(PASSWORD_MAX)])


class FirstRunForm(NewPasswordForm):
    """The association and the person who opens it."""

    code = line(_l("Code d’installation"), required())
    association = line(_l("Nom de l’association"), required())
    display_name = line(_l("Votre nom"), required())
    email = email_field(_l("Votre adresse électronique"))

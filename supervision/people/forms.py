from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from supervision.forms import PrismeForm, email_field, line, required, zone_choices
from supervision.people.rules import OFFICES, PRACTITIONER_ROLES
from supervision.people.words import ROLE_NAMES

LANGUAGE_NAMES = (SelectChoice("fr", "Français"), SelectChoice("en", "English"))


class OneBoxOfMany(CheckboxInput):  # type: ignore[misc]
    """At least one of them is required; said of a box, it would mean that very one."""

    validation_attrs = ("disabled",)


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    widget = ListWidget(prefix_label=False)
    option_widget = OneBoxOfMany()


class InvitationForm(PrismeForm):
    display_name = line(_l("Nom"), required())
    email = email_field(_l("Adresse électronique"))
    language = SelectField(_l("Langue"), choices=LANGUAGE_NAMES, default="fr")
    roles = CheckboxesField(
        _l("Rôles"),
        [InputRequired(_l("Choisissez au moins un rôle."))],
        choices=[SelectChoice(role, ROLE_NAMES[role]) for role in PRACTITIONER_ROLES],
    )


class AccountForm(PrismeForm):
    display_name = line(_l("Nom"), required())
    language = SelectField(_l("Langue"), choices=LANGUAGE_NAMES)
    zone = SelectField(_l("Fuseau horaire"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone.choices = zone_choices(self.zone.data)


class GrantForm(PrismeForm):
    role = SelectField(
        _l("Rôle"), choices=[SelectChoice(role, ROLE_NAMES[role]) for role in PRACTITIONER_ROLES + OFFICES]
    )

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from supervision.forms import PrismeForm, email_field, line, required, zone_choices


class AssociationForm(PrismeForm):
    name = line(_l("Nom de l’association"), required())
    contact_email = email_field(_l("Adresse à laquelle écrire en cas de difficulté"))
    zone = SelectField(_l("Fuseau horaire de l’association"))
    feedback_target_days = IntegerField(
        _l("Délai visé pour un retour, en jours"),
        [InputRequired(_l("Donnez un nombre de jours.")), NumberRange(1, 60, _l("Entre 1 et 60 jours."))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone.choices = zone_choices(self.zone.data)

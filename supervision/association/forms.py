from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
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
    retention_months = IntegerField(
        _l("Durée de garde d’une situation close, en mois"),
        [InputRequired(_l("Donnez un nombre de mois.")), NumberRange(6, 120, _l("Entre 6 et 120 mois."))],
    )
    accepts_attachments = BooleanField(_l("Accepter des images et des PDF joints aux situations"))
    attachment_max_count = IntegerField(
        _l("Pièces jointes au plus, par situation"),
        [InputRequired(_l("Donnez un nombre de pièces.")), NumberRange(1, 20, _l("Entre 1 et 20 pièces."))],
    )
    attachment_max_mb = IntegerField(
        _l("Taille d’une pièce au plus, en Mo"),
        [InputRequired(_l("Donnez un nombre de Mo.")), NumberRange(1, 20, _l("Entre 1 et 20 Mo."))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone.choices = zone_choices(self.zone.data)

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from supervision.forms import PrismeForm, line, required


class KindForm(PrismeForm):
    name_fr = line(_l("Nom du texte, en français"), required())
    name_en = line(_l("Nom du texte, en anglais"), required())
    is_public = BooleanField(_l("Tout le monde peut le lire, sans compte"))
    has_consequences = BooleanField(_l("Qui ne l’accepte pas à temps n’apporte rien de nouveau"))

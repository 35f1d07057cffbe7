from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from supervision.cases.break_glass.rules import FEWEST_HOURS, MOST_HOURS
from supervision.forms import PrismeForm, line, prose, required

WORDS = 4000  # characters of a reason
ADDRESS = 400  # somebody may paste the whole address of the page


class AskForm(PrismeForm):
    press = HiddenField()
    reference = line(_l("Référence de la situation"), required(), limit=ADDRESS)
    reason = prose(_l("Motif"), required(), limit=WORDS)
    hours = IntegerField(
        _l("Durée, en heures"),
        [
            InputRequired(_l("Donnez un nombre d’heures.")),
            NumberRange(FEWEST_HOURS, MOST_HOURS, _l("De 1 à 72 heures.")),
        ],
    )

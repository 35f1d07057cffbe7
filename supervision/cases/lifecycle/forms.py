from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField
from wtforms.validators import InputRequired

from supervision.forms import PrismeForm, prose, required

WORDS = 4000  # characters of a supplement, or of what asks for one


class RequestForm(PrismeForm):
    text = prose(_l("Ce qu’il me manque pour répondre"), required(), limit=WORDS)


class SupplementForm(PrismeForm):
    press = HiddenField()
    text = prose(_l("Mon complément"), required(), limit=WORDS)


class DeadlineForm(PrismeForm):
    due_on = DateField(_l("Je réponds au plus tard le"), [InputRequired(_l("Donnez une date."))])


class HandOverForm(PrismeForm):
    supervisor = SelectField(_l("Une autre personne qui vous supervise"))


class ProposalForm(PrismeForm):
    supervisor = SelectField(_l("Superviseur·e proposé·e"))

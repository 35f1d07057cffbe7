from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectMultipleField

from supervision.cases.feedback.rules import LENSES, OUTCOMES, USEFULNESS
from supervision.cases.forms import Revised
from supervision.forms import PrismeForm, line, prose


class FeedbackForm(Revised):
    acknowledgement = prose(_l("Accusé de réception"))
    heard = prose(_l("Ce que j’entends de votre question"))
    resources = prose(_l("Les ressources que je vois"))
    questions = prose(_l("Questions à explorer"))
    hypotheses = prose(_l("Hypothèses, à prendre comme telles"))
    resonances = prose(_l("Résonances"))
    paths = prose(_l("Pistes"))
    experiment = prose(_l("Une expérience à tenter"))
    follow_up_on = line(_l("Y revenir le"), limit=10)
    lenses = SelectMultipleField(_l("Regards"), choices=[SelectChoice(value=lens, label=lens) for lens in LENSES])
    to_session = BooleanField(_l("À apporter en séance"))
    notes = HiddenField()
    frame_ethics = RadioField(
        _l("Cadre et éthique"),
        choices=[
            SelectChoice("nothing", _l("Rien à signaler")),
            SelectChoice("to-work-on", _l("À travailler en séance")),
            SelectChoice("to-handle", _l("À traiter ensemble sans attendre")),
        ],
        default="nothing",
    )


class AnswerForm(PrismeForm):
    tried = prose(_l("Ce que j’ai essayé"))
    happened = prose(_l("Ce qui s’est passé"))
    outcome = RadioField(_l("L’expérience"), choices=[SelectChoice(value=o, label=o) for o in OUTCOMES])
    usefulness = RadioField(_l("Ce retour m’a été utile"), choices=[SelectChoice(value=u, label=u) for u in USEFULNESS])
    useful_words = line(_l("En quoi"), limit=500)

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from supervision.deontology.referrals import words
from supervision.forms import PrismeForm, line, prose, required
from supervision.people.models import Person

WORDS = 4000  # characters of what is expected, of a message, of a note


def _choices(labels: dict[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


class _AsideForm(PrismeForm):
    set_aside = SelectMultipleField(
        _l("Qui ne doit pas vous lire"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def offer(self, members: Iterable[Person]) -> None:
        self.set_aside.choices = [SelectChoice(value=str(each.id), label=each.display_name) for each in members]


class QuestionForm(_AsideForm):
    press = HiddenField()
    text = HiddenField()
    version = HiddenField()
    article = HiddenField()
    title = line(_l("Titre"), required())
    account = prose(_l("Votre question"), required())

    KIND = "question"


class ReferralForm(QuestionForm):
    account = prose(_l("Ce qui s’est passé"), required())
    expected = prose(_l("Ce que vous attendez du comité"), required(), limit=WORDS)
    hearing = RadioField(
        _l("Les personnes concernées peuvent-elles être entendues ?"),
        [InputRequired(_l("Choisissez une réponse ; vous pourrez en changer."))],
        choices=_choices(words.HEARINGS),
    )

    KIND = "referral"


class AsideForm(_AsideForm):
    pass


class WriteForm(PrismeForm):
    """A message, the committee's note, a conclusion, a reopening."""

    press = HiddenField()
    text = prose(_l("Votre message"), required())


class StepForm(PrismeForm):
    press = HiddenField()
    step = SelectField(_l("Étape"), choices=_choices(words.STEPS))
    held_on = DateField(_l("Le jour"), [InputRequired(_l("Donnez le jour de cette étape."))])
    text = prose(_l("Ce que l’auteur·e en lit"), limit=WORDS)

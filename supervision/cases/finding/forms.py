from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectChoice, SelectField
from wtforms.validators import ValidationError

from supervision.cases.finding import rules
from supervision.cases.finding.queries import Asked, Wanted
from supervision.filters import month_name
from supervision.forms import PrismeForm, line

MONTHS_OFFERED = 36
# How the choices are called in an address. The words that are looked for never stand in one.
IN_ADDRESS = {
    "state": "etat",
    "since": "de",
    "until": "jusqu-a",
    "group": "collectif",
    "competence": "competence",
    "other": "avec",
}
_WHATEVER = _l("Peu importe")

Pairs = Iterable[tuple[str, str]]


class FindForm(PrismeForm):
    words = line(_l("Mots du titre ou du texte"), limit=rules.LONGEST)
    state = SelectField(_l("État"), default="")
    since = SelectField(_l("Depuis le mois de"), default="")
    until = SelectField(_l("Jusqu’au mois de"), default="")
    group = SelectField(_l("Type de collectif"), default="")
    competence = SelectField(_l("Compétence touchée"), default="")
    other = SelectField(_l("Superviseur·e"), default="")
    before = HiddenField()

    def validate_words(self, field: Any) -> None:
        """Signs alone are no words: without this, everything would be found."""
        if field.data and not rules.terms(field.data):
            raise ValidationError(_l("Écrivez au moins une lettre ou un chiffre."))

    def offer(self, name: str, pairs: Pairs) -> None:
        choices = [SelectChoice(value="", label=str(_WHATEVER))]
        self[name].choices = [*choices, *(SelectChoice(value=value, label=label) for value, label in pairs)]

    def take(self, sent: Mapping[str, str]) -> None:
        """Choices that came in an address; what is not offered is passed over."""
        for name, called in IN_ADDRESS.items():
            value = sent.get(called, "")
            self[name].data = value if value in {choice.value for choice in self[name].choices} else ""

    @property
    def in_address(self) -> dict[str, str]:
        return {called: self[name].data for name, called in IN_ADDRESS.items() if self[name].data}

    @property
    def sent(self) -> dict[str, str]:
        """Everything that was asked, to ask again for the next page."""
        return {name: self[name].data or "" for name in ("words", *IN_ADDRESS)}

    def wanted(self) -> Wanted:
        given = {name: self[name].data or "" for name in IN_ADDRESS if name != "other"}
        other = UUID(self.other.data) if self.other.data else None
        return Wanted(**given, other=other, terms=rules.terms(self.words.data or ""))


def months(today: date) -> Pairs:
    """The latest months, the newest first."""
    at = today.year * 12 + today.month - 1
    for past in range(MONTHS_OFFERED):
        year, month = divmod(at - past, 12)
        key = f"{year}-{month + 1:02}"
        yield key, month_name(key)


def groups(forms: Iterable[Asked], language: str) -> Pairs:
    """Every kind of group of every version of the form, worded as in the newest that has it."""
    found: dict[str, str] = {}
    for asked in forms:
        for field in asked.form.fields:
            if field.key == "kind_of_group":
                for option in field.options:
                    found.setdefault(option.key, option.label.of(language))
    return found.items()


def competences(forms: Iterable[Asked], language: str) -> Pairs:
    found: dict[str, str] = {}
    for asked in forms:
        for field in asked.form.fields:
            if field.kind == "competence":
                found.setdefault(field.key, field.label.of(language))
    return found.items()


def names(people: Iterable[Any]) -> Pairs:
    return ((str(person.id), person.display_name) for person in people)

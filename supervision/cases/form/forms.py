"""The page of a situation, built from the version of the form that it is written with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.fields import DateField
from wtforms.validators import NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from supervision.cases.form import definition as forms
from supervision.cases.form import rules
from supervision.cases.form.definition import Field, Option, Part
from supervision.cases.form.models import FormVersion
from supervision.cases.forms import MUST, Revised
from supervision.filters import month_name, short_day
from supervision.forms import line, prose
from supervision.people.models import Person
from supervision.scheduling.models import GroupSession

_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
_ROOM_FOR_BUTTONS = 100  # characters of all labels together: what stands side by side without filling a phone
MONTHS_OFFERED = 36


class SituationForm(Revised):
    """What every version of the form has. `build` adds the fields."""

    definition: Mapping[str, Any]
    layout: forms.Form
    at = HiddenField()  # the section in which the author is
    touched = HiddenField()  # names of the fields in which something was written since the page was opened

    def values(self) -> dict[str, Any]:
        """What is worth keeping: empty fields are not, nor « non abordé » beside a text."""
        kept = {part.key: _kept(self._fields[part.key].data) for part in self.parts_asked()}
        for field in self.layout.fields:
            if field.kind == "competence" and rules.is_filled(field, kept):
                kept[f"{field.key}_none"] = False
        if self.at.data in {section.key for section in self.layout.asked}:
            kept[rules.AT] = self.at.data
        return {key: value for key, value in kept.items() if value}

    def take_untouched(self, theirs: Mapping[str, Any]) -> None:
        """Let every field in which nothing was written here say what the other text says."""
        written = set((self.touched.data or "").split())
        for part in self.parts_asked() if written else ():
            if part.key not in written:
                self._fields[part.key].process(None, theirs.get(part.key))

    def parts_asked(self) -> list[Part]:
        return [part for part in self.layout.parts() if part.key in self._fields]

    def complain(self, missing: list[str], sentence: object = MUST) -> None:
        """Put the sentence at every field that is missing; for a competence, how many are asked for."""
        for section in self.layout.asked:
            for field in section.asked:
                if field.key not in missing:
                    continue
                if field.kind == "competence" and section.at_least and not field.required:
                    self._fields[f"{field.key}_self"].errors = [_enough(section.at_least.count)]
                else:
                    self._fields[f"{field.key}_self" if field.kind == "competence" else field.key].errors = [sentence]


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _enough(count: int) -> str:
    return str(
        ngettext(
            "Écrivez quelques mots sur une compétence au moins, celle de votre choix.",
            "Écrivez quelques mots sur %(num)s compétences au moins, celles de votre choix.",
            count,
        )
    )


_classes: dict[tuple[UUID, str], type[SituationForm]] = {}


def form_class(version: FormVersion, language: str) -> type[SituationForm]:
    """Built once for each version and language: a published version never changes."""
    made = _classes.get((version.id, language))
    if made is None:
        made = _classes[version.id, language] = build(version.definition, language)
    return made


def build(definition: Mapping[str, Any], language: str) -> type[SituationForm]:
    layout = forms.parse(definition)
    fields = {
        part.key: _field(part, field, language)
        for section in layout.asked
        for field in section.asked
        for part in field.parts
    }
    return type("SituationFormVersion", (SituationForm,), {"definition": definition, "layout": layout, **fields})


def _field(part: Part, field: Field, language: str) -> Any:
    label = part.label.of(language)
    if field.kind == "competence":  # in a list of errors « Chez moi » alone says nothing
        label = f"{field.label.of(language)} – {label[:1].lower()}{label[1:]}"
    return _MAKERS[part.kind](label, part, field, language)


def _line(label: str, part: Part, field: Field, language: str) -> Any:
    return line(label, limit=part.limit)


def _prose(label: str, part: Part, field: Field, language: str) -> Any:
    return prose(label, limit=part.limit)


def _choice(label: str, part: Part, field: Field, language: str) -> Any:
    return (OneOfButtons if stands_side_by_side(part.options, language) else OneOfList)(
        label, options=part.options, language=language, may_be_empty=not field.required
    )


def stands_side_by_side(options: tuple[Option, ...], language: str) -> bool:
    return sum(len(option.label.of(language)) for option in options if not option.retired) <= _ROOM_FOR_BUTTONS


def _choices(label: str, part: Part, field: Field, language: str) -> Any:
    return AnyOf(label, options=part.options, language=language)


def _number(label: str, part: Part, field: Field, language: str) -> Any:
    return IntegerField(label, [Optional(), _InRange(part.limit)])


def _month(label: str, part: Part, field: Field, language: str) -> Any:
    return MonthField(label, validate_choice=False)


def _day(label: str, part: Part, field: Field, language: str) -> Any:
    return DayField(label, [Optional()])


def _agree(label: str, part: Part, field: Field, language: str) -> Any:
    return BooleanField(label)


def _person(label: str, part: Part, field: Field, language: str) -> Any:
    # The door looks at the choice: a draft accepts anything.
    return SelectField(label, [Optional()], validate_choice=False)


def _visibility(label: str, part: Part, field: Field, language: str) -> Any:
    return RadioField(label, [Optional()], validate_choice=False)


_MAKERS = {
    "line": _line,
    "prose": _prose,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "month": _month,
    "day": _day,
    "agree": _agree,
    "person": _person,
    "visibility": _visibility,
}


def offer(
    form: SituationForm,
    *,
    supervisors: Sequence[Person],
    sessions: Sequence[GroupSession],
    loads: Mapping[UUID, int],
    today: date,
) -> None:
    """Give the fields whose choices depend on who asks, and when, these choices."""
    for part in form.parts_asked():
        field = form[part.key]
        if part.kind == "month":
            field.offer(today)
        elif part.kind == "person":
            _offer_people(field, supervisors, loads)
        elif part.kind == "visibility":
            _offer_readers(field, sessions)


def _offer_people(field: SelectField, supervisors: Sequence[Person], loads: Mapping[UUID, int]) -> None:
    """An agreement that has ended must not hold up the saving of a text: whom it was with is no choice any more."""
    if field.data not in {str(person.id) for person in supervisors}:
        field.data = None
    undecided = [SelectChoice(value="", label=_("À choisir"))] if len(supervisors) > 1 else []
    names = {person.id: person.display_name for person in supervisors}
    if len(supervisors) > 1:
        names = {key: _("%(name)s · %(load)s", name=name, load=_load(loads.get(key, 0))) for key, name in names.items()}
    field.choices = undecided + [SelectChoice(value=str(key), label=name) for key, name in names.items()]


def _load(count: int) -> str:
    if not count:
        return _("aucune situation en attente")
    return str(ngettext("%(num)s situation en attente", "%(num)s situations en attente", count))


def _offer_readers(field: RadioField, sessions: Sequence[GroupSession]) -> None:
    """The supervisor alone, unless a session is chosen in which the author still has a seat."""
    if field.data not in {str(session.id) for session in sessions}:
        field.data = "supervisor"
    alone = SelectChoice(value="supervisor", label=_("La personne qui supervise, et personne d’autre"))
    others = [
        SelectChoice(
            value=str(session.id),
            label=_(
                "La personne qui supervise, et le groupe de la séance « %(name)s » du %(day)s",
                name=session.name,
                day=short_day(session.starts_at),
            ),
        )
        for session in sessions
    ]
    field.choices = [alone, *others]


class _InRange(NumberRange):  # type: ignore[misc]
    def __init__(self, highest: int) -> None:
        super().__init__(1, highest)

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None or not 1 <= field.data <= self.max:
            raise ValidationError(_("Donnez un nombre entre 1 et %(highest)s.", highest=self.max))


class _Offered:
    """Offers what is not retired, and what was chosen before it was."""

    options: tuple[Option, ...]

    def offer(self, language: str, chosen: Any) -> list[SelectChoice]:
        known = (option for option in self.options if not option.retired or option.key in chosen)
        return [SelectChoice(value=option.key, label=option.label.of(language)) for option in known]

    def refuse_unknown(self, chosen: Any) -> None:
        if not set(chosen) <= {option.key for option in self.options}:
            raise ValidationError(_("Choisissez parmi ce qui est proposé."))


class _OneOf(_Offered):
    data: str | None
    choices: list[SelectChoice]
    is_list = False

    def __init__(
        self, label: str, *, options: tuple[Option, ...], language: str, may_be_empty: bool, **extra: Any
    ) -> None:
        self.options, self.language, self.may_be_empty = options, language, may_be_empty
        super().__init__(label, [Optional()], choices=[], validate_choice=False, **extra)  # type: ignore[call-arg]

    def process(self, *args: Any, **extra: Any) -> None:
        super().process(*args, **extra)  # type: ignore[misc]
        self.data = self.data or None
        chosen = {self.data} - {None}
        offered = self.offer(self.language, chosen)
        nothing = SelectChoice(value="", label=self.nothing())
        if self.is_list:
            self.choices = [nothing, *offered]
        else:
            self.choices = [*offered, *([nothing] if self.may_be_empty else [])]  # a button pressed can be taken back

    def nothing(self) -> str:
        return str(_("Sans réponse"))

    def pre_validate(self, form: Any) -> None:
        self.refuse_unknown({self.data} - {None})


class OneOfButtons(_OneOf, RadioField):  # type: ignore[misc]
    """One of a few."""


class OneOfList(_OneOf, SelectField):  # type: ignore[misc]
    """One of many, or of long ones."""

    is_list = True

    def nothing(self) -> str:
        return str(_("Sans réponse")) if self.may_be_empty else str(_("À choisir"))


class AnyOf(_Offered, SelectMultipleField):  # type: ignore[misc]
    """Any of the options."""

    data: list[str] | None
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, *, options: tuple[Option, ...], language: str, **extra: Any) -> None:
        self.options, self.language = options, language
        super().__init__(label, [Optional()], choices=[], validate_choice=False, **extra)

    def process(self, *args: Any, **extra: Any) -> None:
        super().process(*args, **extra)
        sent = self.data or []
        self.data = list(dict.fromkeys(sent))
        self.choices = self.offer(self.language, set(sent))

    def pre_validate(self, form: Any) -> None:
        self.refuse_unknown(self.data or ())


class DayField(DateField):  # type: ignore[misc]
    """A day; among the kept fields it is its ISO form."""

    def process_data(self, value: Any) -> None:
        self.data = date.fromisoformat(value) if isinstance(value, str) else value


class MonthField(SelectField):  # type: ignore[misc]
    """A month of the last years; one that lies further back stays."""

    data: str | None

    def process(self, *args: Any, **extra: Any) -> None:
        super().process(*args, **extra)
        self.data, self.choices = self.data or None, list[SelectChoice]()

    def offer(self, today: date) -> None:
        first = today.year * 12 + today.month - 1
        months = [f"{n // 12}-{n % 12 + 1:02}" for n in range(first, first - MONTHS_OFFERED, -1)]
        if self.data and self.data not in months and _MONTH.fullmatch(self.data):
            months.append(self.data)
        nothing = SelectChoice(value="", label=_("À choisir"))
        self.choices = [nothing, *(SelectChoice(value=month, label=month_name(month)) for month in months)]

    def pre_validate(self, form: Any) -> None:
        if self.data and not _MONTH.fullmatch(self.data):
            raise ValidationError(_("Choisissez parmi ce qui est proposé."))

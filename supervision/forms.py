"""The base form and the cleaning of text, for every room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from babel.numbers import format_decimal
from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations
from wtforms import Field, Form, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation, ValidationError

from supervision import i18n

SHORT = 120  # characters of a title or a name
LONG = 20_000  # characters of a text field: about eight printed pages

# Controls and characters that hide or reorder text. Line breaks, tabs, and the joiners some scripts need, stay.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(value: str | None) -> str:
    """One form for each text: composed (NFC), Unix line breaks, nothing invisible, no outer blank."""
    text = (value or "").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _LONE_SURROGATE.sub("", _INVISIBLE.sub("", text))).strip()


def clean_line(value: str | None) -> str:
    return " ".join(clean_text(value).split())


# What WTForms says of a field is written for programmers; these are the sentences that a person may meet.
_SAID_OTHERWISE = {
    "Not a valid choice.": _l("Choisissez parmi ce qui est proposé."),
    "'%(value)s' is not a valid choice for this field.": _l("Choisissez parmi ce qui est proposé."),
    "Not a valid date value.": _l("Donnez une date, sous la forme AAAA-MM-JJ."),
    "Not a valid time value.": _l("Donnez une heure, comme 18:30."),
    "Not a valid integer value.": _l("Donnez un nombre entier."),
}


class Words(Translations):  # type: ignore[misc]
    """WTForms' own sentences in the reader's language; ours where we say it better."""

    def gettext(self, string: str) -> str:
        return str(_SAID_OTHERWISE.get(string) or super().gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(_SAID_OTHERWISE.get(singular) or super().ngettext(singular, plural, n))


class PrismeForm(FlaskForm):  # type: ignore[misc]
    """A form whose token is checked by the application for every unsafe method, so not here again."""

    class Meta:
        csrf = False

        def get_translations(self, form: Form) -> Words:
            return Words()

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """Forms come as forms. Flask-WTF would take JSON too, with lists and numbers where text is meant."""
            return request.form if request.method == "POST" else None

    def texts(self) -> dict[str, Any]:
        """The cleaned data of every field, by name."""
        return {name: field.data for name, field in self._fields.items()}


class Filled(InputRequired):  # type: ignore[misc]
    """Something is left once the text is cleaned: blanks and invisible characters are no name."""

    def __call__(self, form: Form, field: Field) -> None:
        super().__call__(form, field)
        if field.data == "":
            raise StopValidation(self.message)


def required() -> InputRequired:
    return Filled(_l("Ce champ est obligatoire."))


def at_most(limit: int) -> Callable[[Form, Field], None]:
    """Refuse a longer text, saying the limit and by how much; costlier checks that follow do not see it."""

    def check(form: Form, field: Field) -> None:
        excess = len(field.data or "") - limit
        if excess > 0:
            raise StopValidation(
                ngettext(
                    "Ce texte dépasse de %(excess)s caractère la longueur admise, qui est de %(limit)s.",
                    "Ce texte dépasse de %(excess)s caractères la longueur admise, qui est de %(limit)s.",
                    excess,
                    excess=_number(excess),
                    limit=_number(limit),
                )
            )

    return check


def _number(number: int) -> str:
    return str(format_decimal(number, locale=i18n.current_language()))


def line(label: str, *validators: Any, limit: int = SHORT, **options: Any) -> StringField:
    """A field of one line, cleaned."""
    return StringField(label, [*validators, at_most(limit)], filters=[clean_line], **options)


def email_field(label: str) -> StringField:
    return StringField(label, [required(), at_most(254), _deliverable], filters=[clean_line])


def _deliverable(form: Form, field: Field) -> None:
    """Refuse what cannot be an e-mail address; nothing is looked up on the network."""
    try:
        field.data = validate_email(field.data, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValidationError(_l("Cette adresse électronique n’est pas valide.")) from error


def prose(label: str, *validators: Any, limit: int = LONG, **options: Any) -> TextAreaField:
    """A field of running text, cleaned."""
    return TextAreaField(label, [*validators, at_most(limit)], filters=[clean_text], **options)


AREAS = {
    "Europe": _l("Europe"),
    "Africa": _l("Afrique"),
    "America": _l("Amérique"),
    "Asia": _l("Asie"),
    "Atlantic": _l("Atlantique"),
    "Australia": _l("Australie"),
    "Indian": _l("Océan Indien"),
    "Pacific": _l("Pacifique"),
}


def zone_choices(chosen: str | None) -> list[SelectChoice]:
    """Time zones by their cities, in the reader's language. Any zone is accepted: the one in use is in the list."""
    offered = {*i18n.known_zones(), *({chosen or ""} & i18n.all_zones())}
    cities = sorted((i18n.city_of(zone, i18n.current_language()), zone) for zone in offered)
    return [
        SelectChoice(value=zone, label=city, optgroup=str(AREAS[area]))
        for area in AREAS
        for city, zone in cities
        if zone.startswith(f"{area}/")
    ]


__all__ = [
    "LONG",
    "SHORT",
    "PrismeForm",
    "at_most",
    "clean_line",
    "clean_text",
    "email_field",
    "line",
    "prose",
    "required",
    "zone_choices",
]

"""The base form and the cleaning of text, for every room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

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


class PrismeForm(FlaskForm):  # type: ignore[misc]
    """A form whose token is checked by the application for every unsafe method, so not here again."""

    class Meta:
        csrf = False

    def texts(self) -> dict[str, Any]:
        """The cleaned data of every field, by name."""
        return {name: field.data for name, field in self._fields.items()}


def required() -> InputRequired:
    return InputRequired(_l("Ce champ est obligatoire."))


def at_most(limit: int) -> Callable[[Form, Field], None]:
    """Refuse a longer text, saying by how much."""

    def check(form: Form, field: Field) -> None:
        excess = len(field.data or "") - limit
        if excess > 0:
            raise ValidationError(
                _l("Ce texte dépasse la longueur admise de %(excess)s caractères.", excess=f"{excess:n}")
            )

    return check


def line(label: str, *validators: Any, limit: int = SHORT, **options: Any) -> StringField:
    """A field of one line, cleaned."""
    return StringField(label, [*validators, at_most(limit)], filters=[clean_line], **options)


def prose(label: str, *validators: Any, limit: int = LONG, **options: Any) -> TextAreaField:
    """A field of running text, cleaned."""
    return TextAreaField(label, [*validators, at_most(limit)], filters=[clean_text], **options)


__all__ = ["LONG", "SHORT", "Length", "PrismeForm", "at_most", "clean_line", "clean_text", "line", "prose", "required"]

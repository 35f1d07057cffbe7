from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from supervision.forms import PrismeForm

MUST = _l("Ce champ est obligatoire pour soumettre.")


class RevisionField(HiddenField):  # type: ignore[misc]
    """A number that the page carries. Where it got lost it counts as 0, older than whatever is saved: the save is
    then a conflict, which shows both texts, and not an error that nobody can mend.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        sent = valuelist[0] if valuelist else ""
        self.data = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


class AttemptsField(HiddenField):  # type: ignore[misc]
    """Names, separated by blanks, that the page gave to saves of its own without hearing of them, this one last."""

    def process_formdata(self, valuelist: list[str]) -> None:
        names = valuelist[0].split()[-20:] if valuelist else []
        self.data = [int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10]


class Revised(PrismeForm):
    """A text that is saved again and again: `revision` says which saved state the page was opened on."""

    revision = RevisionField()
    attempts = AttemptsField(default=list)
    is_refused = False  # turned away before it was saved; a text that only lacks something has been saved

    def validate(self, *args: Any, **options: Any) -> bool:
        self.is_refused = not super().validate(*args, **options)
        return not self.is_refused

    def fields(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: self._fields[name].data for name in names}

    def complain(self, missing: list[str], sentence: object) -> None:
        """Put the sentence at every field that is missing."""
        for name in missing:
            self._fields[name].errors = [sentence]


class BeginForm(PrismeForm):
    creation_key = HiddenField()

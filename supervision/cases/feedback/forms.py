from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from supervision.cases.feedback import words
from supervision.cases.feedback.notes import LONGEST_QUOTE, MOST
from supervision.cases.feedback.rules import FIELDS
from supervision.cases.forms import Revised
from supervision.forms import PrismeForm, line, prose, required

_NUMBERED = re.compile(r"notes-([0-9]{1,4})-")
WORDS = 4000  # characters of a margin note, a correction or a message


def _choices(labels: dict[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


class NoteForm(PrismeForm):
    id = HiddenField()
    version = HiddenField()
    field = HiddenField()
    start = HiddenField()
    quote = prose(_l("Passage"), limit=LONGEST_QUOTE)
    text = prose(_l("Note"), limit=WORDS)


class NotesField(FieldList):  # type: ignore[misc]
    """Its errors are sentences, as those of every field; each is also said at its note."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """Only what counts notes: WTForms would take « ² » for a number."""
        for name in formdata:
            found = _NUMBERED.match(name)
            if found:
                yield int(found.group(1))

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        valid: bool = super().validate(form, extra_validators)
        if not valid:
            self.errors = [_l("Une note est à reprendre.")]
        if len(self.entries) > MOST:
            valid, self.errors = False, [_l("Un retour porte %(most)s notes au plus.", most=MOST)]
        return valid


class FeedbackForm(Revised):
    seen = HiddenField()  # the version that is on the page
    acknowledgement = prose(words.PARTS["acknowledgement"])
    heard = prose(words.PARTS["heard"])
    resources = prose(words.PARTS["resources"])
    questions = prose(words.PARTS["questions"])
    hypotheses = prose(words.PARTS["hypotheses"])
    resonances = prose(words.PARTS["resonances"])
    paths = prose(words.PARTS["paths"])
    experiment = prose(words.PARTS["experiment"])
    follow_up_on = DateField(_l("Y revenir le"), [Optional()])
    lenses = SelectMultipleField(
        _l("Regards portés"),
        choices=_choices(words.LENSES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    frame_ethics = RadioField(_l("Cadre et éthique"), choices=_choices(words.FRAME_ETHICS), default="nothing")
    to_session = BooleanField(_l("À apporter en séance"))
    notes = NotesField(FormField(NoteForm), _l("Notes en marge"), max_entries=MOST + 1)

    def kept(self) -> dict[str, Any]:
        """What is worth keeping, as it is sealed: dates in ISO, nothing that is empty."""
        data = {name: self._fields[name].data for name in FIELDS}
        if data["follow_up_on"]:
            data["follow_up_on"] = data["follow_up_on"].isoformat()
        return {name: value for name, value in data.items() if value}

    def besides(self, published: Mapping[str, Any]) -> str:
        """What is written here and not in the published feedback, each part under its name; empty if nothing is."""
        kept = self.kept()
        parts = [
            (str(label), kept[name])
            for name, label in words.PARTS.items()
            if kept.get(name) and kept[name] not in published.get(name, "")
        ]
        noted = {note.get("text") for note in published.get("notes", ())}
        notes = [(note.get("quote"), note["text"]) for note in kept.get("notes", ()) if note.get("text")]
        parts += [(_("« %(quote)s »", quote=quote), text) for quote, text in notes if text not in noted]
        return "\n\n".join(f"{name}\n{text}" for name, text in parts)


class PublishForm(PrismeForm):
    """From the preview: which saved state was previewed, and beside which version."""

    revision = HiddenField()
    seen = HiddenField()


class AnswerForm(PrismeForm):
    tried = prose(_l("Ce que j’ai essayé"))
    happened = prose(_l("Ce qui s’est passé"))
    outcome = RadioField(_l("L’expérience proposée"), choices=_choices(words.OUTCOMES))
    usefulness = RadioField(_l("Ce retour m’a été utile"), choices=_choices(words.USEFULNESS))
    useful_words = line(_l("En quoi"), limit=500)


class CorrectionForm(PrismeForm):
    press = HiddenField()
    correction = prose(_l("Ce que j’ajoute ou corrige"), required(), limit=WORDS)


class MessageForm(PrismeForm):
    press = HiddenField()
    message = prose(_l("Votre mot"), required(), limit=WORDS)

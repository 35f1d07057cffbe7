from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from supervision.deontology.authoring.editing import ARTICLE_TEXTS, TEXTS
from supervision.deontology.authoring.rules import MOST_DAYS, Problem, Terms
from supervision.deontology.authoring.words import KINDS_OF_CHANGE, PROBLEMS
from supervision.forms import PrismeForm, at_most, line, prose, required
from supervision.people.rules import PASSWORD_MAX, ROLES
from supervision.people.words import ROLE_NAMES

TITLE, SENTENCE, SUMMARY, BODY = 200, 600, 4000, 20_000  # characters


class RevisionField(HiddenField):  # type: ignore[misc]
    """The number that the page carries. Where it got lost it is older than whatever is saved."""

    def process_formdata(self, valuelist: list[str]) -> None:
        sent = valuelist[0] if valuelist else ""
        self.data = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


class BilingualForm(PrismeForm):
    """Words in two languages, by pairs; `seen` is the mark of those with which the page was opened."""

    seen = HiddenField()
    names: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"{name}_fr"], self[f"{name}_en"]) for name in self.names]

    def words(self) -> dict[str, str]:
        return {field.name: field.data for pair in self.pairs for field in pair}

    def complain(self, problems: list[Problem]) -> None:
        """Put what is missing at its field."""
        for problem in problems:
            if problem.field in self:
                self[problem.field].errors = [PROBLEMS[problem.what]]


class ArticleForm(BilingualForm):
    names = ARTICLE_TEXTS
    title_fr = line(_l("Titre, en français"), limit=TITLE)
    title_en = line(_l("Titre, en anglais"), limit=TITLE)
    body_fr = prose(_l("Texte, en français"), limit=BODY)
    body_en = prose(_l("Texte, en anglais"), limit=BODY)


class NewArticleForm(ArticleForm):
    """Its French title is asked for first: its id is made of it."""

    title_fr = line(_l("Titre, en français"), required(), limit=TITLE)


class FrameForm(BilingualForm):
    names = TEXTS
    title_fr = line(_l("Titre du texte, en français"), limit=TITLE)
    title_en = line(_l("Titre du texte, en anglais"), limit=TITLE)
    preamble_fr = prose(_l("Préambule, en français"), limit=BODY)
    preamble_en = prose(_l("Préambule, en anglais"), limit=BODY)
    sentence_fr = prose(_l("Phrase que l’on signe, en français"), limit=SENTENCE)
    sentence_en = prose(_l("Phrase que l’on signe, en anglais"), limit=SENTENCE)
    summary_fr = prose(_l("Ce qui change, en français"), limit=SUMMARY)
    summary_en = prose(_l("Ce qui change, en anglais"), limit=SUMMARY)


def _days(label: Any) -> IntegerField:
    return IntegerField(
        label,
        [
            InputRequired(_l("Donnez un nombre de jours.")),
            NumberRange(0, MOST_DAYS, _l("De 0 à %(most)s jours.", most=MOST_DAYS)),
        ],
    )


class TermsForm(PrismeForm):
    seen = HiddenField()
    change = RadioField(
        _l("Genre de changement"),
        [required()],
        choices=[SelectChoice(value=change, label=label) for change, label in KINDS_OF_CHANGE.items()],
    )
    effective_on = DateField(_l("Prend effet le"), [Optional()])
    grace_days = _days(_l("Jours pour signer"))
    hidden_days = _days(_l("Jours avant de ne plus paraître dans l’annuaire"))
    bound_roles = SelectMultipleField(
        _l("Qui est tenu par ce texte"),
        [Optional()],
        choices=[SelectChoice(value=role, label=ROLE_NAMES[role]) for role in ROLES],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def terms(self) -> Terms:
        return Terms(
            change=self.change.data,
            effective_on=self.effective_on.data,
            grace_days=self.grace_days.data,
            hidden_days=self.hidden_days.data,
            bound_roles=tuple(role for role in ROLES if role in (self.bound_roles.data or ())),
        )

    complain = BilingualForm.complain


class RemarkForm(PrismeForm):
    revision = RevisionField()
    remark = prose(_l("Ce que vous aimeriez voir changé"), required(), limit=SUMMARY)


class PublishForm(PrismeForm):
    revision = RevisionField()
    password = PasswordField(_l("Votre mot de passe"), [required(), at_most(PASSWORD_MAX)])

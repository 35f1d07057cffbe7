from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice

from supervision import filters
from supervision.cases.visibility.rules import NOBODY_ELSE
from supervision.forms import PrismeForm
from supervision.scheduling.models import GroupSession


class VisibilityForm(PrismeForm):
    """The sessions offered are those in which the author has a seat."""

    visibility = RadioField(_l("Qui peut lire cette situation, avec vous"))

    def offer(self, sessions: Sequence[GroupSession], chosen: GroupSession | None) -> None:
        self.visibility.choices = visibility_choices(sessions)
        if not self.is_submitted():
            self.visibility.data = str(chosen.id) if chosen and chosen in sessions else NOBODY_ELSE

    @property
    def session_id(self) -> UUID | None:
        return None if self.visibility.data == NOBODY_ELSE else UUID(self.visibility.data)


def visibility_choices(sessions: Iterable[GroupSession]) -> list[SelectChoice]:
    """Nobody beyond the supervisor, or the participants of one of these sessions."""
    nobody = SelectChoice(value=NOBODY_ELSE, label=_("La personne qui supervise, et personne d’autre"))
    return [nobody, *(SelectChoice(value=str(session.id), label=_also(session)) for session in sessions)]


def _also(session: GroupSession) -> str:
    return _(
        "Aussi les participant·es de « %(name)s », du %(opening)s au %(closing)s",
        name=session.name,
        opening=filters.stamp(session.opens_at),
        closing=filters.stamp(session.closes_at),
    )

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectChoice, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange

from supervision.forms import PrismeForm, line, required
from supervision.people.forms import CheckboxesField
from supervision.people.models import Person
from supervision.scheduling.models import GroupSession
from supervision.scheduling.queries import facts_of
from supervision.scheduling.rules import (
    READING_AFTER,
    READING_BEFORE,
    READING_MOST,
    EndsBeforeStart,
    NoSuchTime,
    SessionTimes,
    TooFarAhead,
    is_skipped,
    reading_days,
    times,
)

TOO_FAR = _l("Donnez une date dans les deux ans qui viennent.")


def _days(label: str, default: int) -> IntegerField:
    within = NumberRange(0, READING_MOST, _l("Entre 0 et 30 jours."))
    return IntegerField(label, [InputRequired(_l("Donnez un nombre de jours.")), within], default=default)


class SessionForm(PrismeForm):
    """Times are those of a clock on the supervisor's wall."""

    name = line(_l("Nom de la séance"), required())
    day = DateField(_l("Date"), [required()])
    begins = TimeField(_l("Début"), [required()])
    ends = TimeField(_l("Fin"), [required()])
    before = _days(_l("Lecture ouverte, en jours avant la séance"), READING_BEFORE)
    after = _days(_l("Lecture fermée, en jours après la séance"), READING_AFTER)

    def show(self, session: GroupSession, zone: ZoneInfo) -> None:
        """Fill the fields with what is planned."""
        begins, ends = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
        self.name.data, self.day.data = session.name, begins.date()
        self.begins.data, self.ends.data = begins.time(), ends.time()
        self.before.data, self.after.data = reading_days(facts_of(session).times)

    def times(self, zone: ZoneInfo) -> SessionTimes | None:
        """The session and its window; None where the times make none, with the reason at the field."""
        shown = {"day": self.day.data, "begins": self.begins.data, "ends": self.ends.data}
        try:
            return times(**shown, zone=zone, before=self.before.data, after=self.after.data)
        except EndsBeforeStart:
            self.ends.errors = [_l("La fin vient après le début, le même jour.")]
        except TooFarAhead:
            self.day.errors = [TOO_FAR]
        except NoSuchTime:
            for field in (self.begins, self.ends):
                if is_skipped(self.day.data, field.data, zone):
                    field.errors = [_l("Ce jour-là, les horloges passent par-dessus cette heure.")]
        return None


class NewSessionForm(SessionForm):
    participants = CheckboxesField(_l("Participant·es"))


class ParticipantForm(PrismeForm):
    person = SelectField(_l("Ajouter une personne"), [required()])


def choices(supervisees: Iterable[Person], others: Iterable[Person]) -> list[SelectChoice]:
    """People who may take a seat: first those one has an agreement with."""
    groups = ((_l("Sous contrat avec vous"), supervisees), (_l("Autres personnes"), others))
    return [
        SelectChoice(value=str(person.id), label=person.display_name, optgroup=str(group))
        for group, people in groups
        for person in people
    ]

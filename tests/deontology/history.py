"""Histories of a text: versions, roles, answers, more time, one after the other, as rows with their dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import func, select

from supervision.db import db
from supervision.deontology.models import Acknowledgement, Extension, TextKind, TextVersion
from supervision.ids import new_id
from supervision.people.models import Person, RoleGrant

DAY = timedelta(days=1)
START = date(2024, 1, 1)
ROLES = ("trainee", "certified", "supervisor")
NAMES = ("Alix Aubert", "Basile Bonnet", "Célia Cordier")
WORDS = {f"{name}_{tag}": name for name in ("title", "preamble", "summary", "sentence") for tag in ("fr", "en")}


@dataclass(frozen=True)
class Event:
    """What happens on a day: publish, begin or end a role, answer, grant or revoke time. `who` is a place in NAMES."""

    day: int
    what: str
    who: int = 0
    detail: Any = None


versions = st.builds(
    Event,
    day=st.integers(0, 400),
    what=st.just("publish"),
    detail=st.fixed_dictionaries(
        {
            "change": st.sampled_from(["major", "major", "minor"]),
            "grace_days": st.integers(0, 40),
            "hidden_days": st.integers(0, 40),
            "bound_roles": st.sampled_from(["", "", "trainee", "certified,supervisor"]),
        }
    ),
)
deeds = st.builds(
    Event,
    day=st.integers(0, 500),
    what=st.sampled_from(["role", "role", "signed", "signed", "refused", "withdrawn", "informed", "time", "revoke"]),
    who=st.integers(0, len(NAMES) - 1),
    detail=st.integers(0, 120),
)
histories = st.tuples(
    st.lists(versions, min_size=1, max_size=4, unique_by=lambda event: event.day), st.lists(deeds, max_size=24)
).map(lambda parts: sorted([*parts[0], *parts[1]], key=lambda event: (event.day, event.what != "publish")))


class Town:
    """Three people and a text of their own, to which events happen in order."""

    def __init__(self) -> None:
        self.kind = TextKind(
            slug="accord", name_fr="Accord", name_en="Agreement", position=9, is_public=False, has_consequences=True
        )
        self.people = [
            Person(
                email=f"{number}@villa.example",
                email_key=f"{number}@villa.example",
                display_name=name,
                created_at=at(-9),
            )
            for number, name in enumerate(NAMES)
        ]
        self.committee = Person(
            email="c@villa.example", email_key="c@villa.example", display_name="C", created_at=at(-9)
        )
        db.session.add_all([self.kind, *self.people, self.committee])
        db.session.flush()
        self.versions: list[TextVersion] = []
        self.numbers = (db.session.scalar(select(func.max(Acknowledgement.number))) or 0) + 1

    def happen(self, event: Event) -> None:
        getattr(self, f"_{event.what}", self._answer)(event)
        db.session.flush()

    def _publish(self, event: Event) -> None:
        number = len(self.versions) + 1
        change = event.detail["change"] if self.versions else "major"
        made = TextVersion(
            kind=self.kind.slug, number=number, effective_on=START + event.day * DAY, published_at=at(event.day),
            **WORDS, **(event.detail | {"change": change}),
        )  # fmt: skip
        self.versions.append(made)
        db.session.add(made)

    def _role(self, event: Event) -> None:
        """Begin a role, or end it where it runs."""
        person, role = self.people[event.who], ROLES[event.detail % len(ROLES)]
        running = select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.role == role)
        grant = db.session.scalar(running.where(RoleGrant.ended_at.is_(None)))
        if grant is not None:
            grant.ended_at = at(event.day)
            return
        made = RoleGrant(person_id=person.id, role=role, granted_at=at(event.day), confirmed_at=at(event.day))
        db.session.add(made)

    def _answer(self, event: Event) -> None:
        if not self.versions:
            return
        self.numbers += 1
        made = Acknowledgement(
            number=self.numbers, person_id=self.people[event.who].id, version_id=self.versions[-1].id, language="fr",
            text_sha256="", sentence="", typed_name="", answer=event.what, shown="whole", authenticated_how="session",
            code=str(new_id()), answered_at=at(event.day), previous_hash="", row_hash="",
        )  # fmt: skip
        db.session.add(made)

    def _time(self, event: Event) -> None:
        if not self.versions:
            return
        until_on = START + (event.day + event.detail) * DAY if event.detail % 5 else None
        made = Extension(
            person_id=self.people[event.who].id, version_id=self.versions[-1].id, until_on=until_on,
            reason="Un congé.", granted_by=self.committee.id, granted_at=at(event.day),
        )  # fmt: skip
        db.session.add(made)

    def _revoke(self, event: Event) -> None:
        granted = select(Extension).where(Extension.person_id == self.people[event.who].id)
        extension = db.session.scalar(granted.where(Extension.revoked_at.is_(None)).limit(1))
        if extension is not None:
            extension.revoked_at, extension.revoked_by = at(event.day), self.committee.id


def at(day: int) -> datetime:
    return datetime(START.year, START.month, START.day, 10, tzinfo=UTC) + day * DAY


def a_person(name: str, email: str) -> Person:
    return Person(email=email, email_key=email, display_name=name, created_at=at(-9))

"""The person who asks, with what that person is now. Every rule about seeing and acting starts from one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from supervision.people.models import Person
from supervision.people.rules import OFFICES


@dataclass(frozen=True)
class Viewer:
    person: Person
    roles: frozenset[str]

    @property
    def id(self) -> UUID:
        return self.person.id

    @property
    def display_name(self) -> str:
        return self.person.display_name

    @property
    def language(self) -> str:
        return self.person.language

    @property
    def holds_office(self) -> bool:
        return any(role in OFFICES for role in self.roles)

    def holds(self, *roles: str) -> bool:
        """True if the person holds one of the roles now."""
        return any(role in self.roles for role in roles)

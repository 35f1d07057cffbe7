"""Roles, addresses and passwords: what they are, without a database."""

from __future__ import annotations

import unicodedata

PRACTITIONER_ROLES = ("trainee", "certified", "supervisor")
OFFICES = ("secretary", "treasurer", "coordinator", "committee", "administrator")
ROLES = PRACTITIONER_ROLES + OFFICES

PASSWORD_MIN = 12  # characters; length and not composition is what counts (NIST SP 800-63B, 5.1.1.2)
PASSWORD_MAX = 256


class Refused(Exception):
    """An act on people that the rules do not allow."""


class AddressTaken(Refused):
    """Somebody has this e-mail address already."""


class RoleHeldAlready(Refused):
    """The person holds, or waits for, this role already."""


class NeedsSecondPerson(Refused):
    """An office is confirmed by an administrator who neither proposed it nor receives it."""


class LastAdministrator(Refused):
    """The association must keep an administrator."""


def email_key(email: str) -> str:
    """How two writings of one address are compared: case and Unicode form set aside."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def name_key(name: str) -> str:
    """How names are sorted and searched, the same on every database: case and accents set aside."""
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def is_weak(password: str, *, email: str, name: str) -> bool:
    """True for what is guessed first: too few different characters, or the person's own name or address."""
    lowered = password.casefold()
    own = {email_key(email), email_key(email).partition("@")[0], name.casefold()}
    return len(set(lowered)) < 5 or any(word and len(word) >= 4 and lowered.replace(word, "") == "" for word in own)

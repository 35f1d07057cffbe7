"""Argon2id with the OWASP profile: 19 MiB, two passes, one lane."""

from __future__ import annotations

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Checked in the place of a hash that is not there, so that an unknown address takes as long as a wrong password.
_NOBODY = _hasher.hash("no one has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """True if the password belongs to the hash. Takes the same time when there is no hash."""
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def renewed(password_hash: str | None, password: str) -> str:
    """The hash to keep for a password that has just proved right: a new one where the profile has changed since."""
    if password_hash is None or _hasher.check_needs_rehash(password_hash):
        return hash_password(password)
    return password_hash

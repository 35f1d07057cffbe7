"""Sealing and opening the texts of a case, in memory only."""

from __future__ import annotations

import hmac
from uuid import UUID

from supervision import crypto
from supervision.cases.models import CaseKey
from supervision.crypto import Keyring, Seal, WrappedKey


class KeyDestroyed(Exception):
    """The case is purged: nothing of it can be opened any more."""


class CaseSeal(Seal):
    """One case's key, unwrapped for the length of a request."""

    @classmethod
    def create(cls, keyring: Keyring, case_id: UUID) -> tuple[CaseSeal, CaseKey]:
        """A new key, and the row that keeps it wrapped."""
        key = crypto.new_key()
        wrapped = keyring.wrap(key, belongs_to=key_place(case_id))
        return cls(key), CaseKey(case_id=case_id, generation=wrapped.generation, wrapped=wrapped.sealed)

    @classmethod
    def open(cls, keyring: Keyring, case_id: UUID, wrapped: WrappedKey) -> CaseSeal:
        return cls(keyring.unwrap(wrapped, belongs_to=key_place(case_id)))

    def close_bytes(self, plain: bytes, table: str, row_id: UUID, position: int) -> bytes:
        """Seal one piece of a row's file: it opens at its own place only."""
        return crypto.seal(self._key, plain, belongs_to=f"{table}|sealed|{row_id}|{position}")

    def open_bytes(self, sealed: bytes, table: str, row_id: UUID, position: int) -> bytes:
        return crypto.unseal(self._key, sealed, belongs_to=f"{table}|sealed|{row_id}|{position}")

    def secret(self, purpose: str) -> bytes:
        """32 bytes for something other than sealing, the same for one case and purpose. They die with the key."""
        return hmac.digest(self._key, purpose.encode(), "sha256")


def key_place(case_id: UUID) -> str:
    return f"case_key|wrapped|{case_id}"

"""Sealing and opening the texts of a case, in memory only."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from supervision import crypto
from supervision.cases.models import CaseKey
from supervision.crypto import Keyring, WrappedKey

PROOF = b"prisme"


class KeyDestroyed(Exception):
    """The case is purged: nothing of it can be opened any more."""


class CaseSeal:
    """One case's key, unwrapped for the length of a request."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def create(cls, keyring: Keyring, case_id: UUID) -> tuple[CaseSeal, CaseKey]:
        """A new key, and the row that keeps it wrapped."""
        key = crypto.new_key()
        wrapped = keyring.wrap(key, belongs_to=_key_place(case_id))
        return cls(key), CaseKey(case_id=case_id, generation=wrapped.generation, wrapped=wrapped.sealed)

    @classmethod
    def open(cls, keyring: Keyring, case_id: UUID, wrapped: WrappedKey) -> CaseSeal:
        return cls(keyring.unwrap(wrapped, belongs_to=_key_place(case_id)))

    def close_fields(self, fields: Mapping[str, Any], table: str, row_id: UUID) -> bytes:
        return crypto.seal_fields(self._key, fields, belongs_to=f"{table}|sealed|{row_id}")

    def open_fields(self, sealed: bytes, table: str, row_id: UUID) -> dict[str, Any]:
        return crypto.unseal_fields(self._key, sealed, belongs_to=f"{table}|sealed|{row_id}")

    def close_title(self, title: str, table: str, row_id: UUID) -> bytes:
        return crypto.seal(self._key, title.encode(), belongs_to=f"{table}|sealed_title|{row_id}")

    def open_title(self, sealed: bytes, table: str, row_id: UUID) -> str:
        return crypto.unseal(self._key, sealed, belongs_to=f"{table}|sealed_title|{row_id}").decode()

    def close_bytes(self, plain: bytes, table: str, row_id: UUID, position: int) -> bytes:
        """Seal one piece of a row's file: it opens at its own place only."""
        return crypto.seal(self._key, plain, belongs_to=f"{table}|sealed|{row_id}|{position}")

    def open_bytes(self, sealed: bytes, table: str, row_id: UUID, position: int) -> bytes:
        return crypto.unseal(self._key, sealed, belongs_to=f"{table}|sealed|{row_id}|{position}")

    def secret(self, purpose: str) -> bytes:
        """32 bytes for something other than sealing, the same for one case and purpose. They die with the key."""
        return hmac.digest(self._key, purpose.encode(), "sha256")


def _key_place(case_id: UUID) -> str:
    return f"case_key|wrapped|{case_id}"


def rewrap(keyring: Keyring, row: CaseKey) -> None:
    """Wrap a case's key with the current master key; the texts stay as they are."""
    key = keyring.unwrap(WrappedKey(row.generation, row.wrapped), belongs_to=_key_place(row.case_id))
    wrapped = keyring.wrap(key, belongs_to=_key_place(row.case_id))
    row.generation, row.wrapped = wrapped.generation, wrapped.sealed

"""Seals: AES-256-GCM, a key of its own for each case and referral, master keys in generations outside the database.

A sealed value is `version | nonce | ciphertext`. What it belongs to (table, column, row) is authenticated with it, so
that a ciphertext moved to another row does not open. A case's key is stored wrapped by a master key; rotation rewraps
the keys and touches no text; destroying the wrapped key destroys the text, in every backup made before it as soon as
the master generation that wrapped it there is destroyed too.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE = 12
_KEY = 32


class SealBroken(Exception):
    """The value was altered, moved, or sealed with another key."""


class MasterKeyMissing(Exception):
    """A generation of the master key that the database needs is not in the key file."""


def new_key() -> bytes:
    return secrets.token_bytes(_KEY)


def seal(key: bytes, plain: bytes, *, belongs_to: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, belongs_to.encode())


def unseal(key: bytes, sealed: bytes, *, belongs_to: str) -> bytes:
    """Open a sealed value.

    Raises:
        SealBroken: if key, place or content do not fit.
    """
    if sealed[:1] != _VERSION:
        raise SealBroken(f"unknown seal version for {belongs_to}")
    nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, belongs_to.encode())
    except (InvalidTag, ValueError) as error:  # a value cut short has not even a nonce
        raise SealBroken(f"the seal of {belongs_to} does not open") from error


def seal_fields(key: bytes, fields: Mapping[str, Any], *, belongs_to: str) -> bytes:
    return seal(key, json.dumps(dict(fields), ensure_ascii=False).encode(), belongs_to=belongs_to)


def unseal_fields(key: bytes, sealed: bytes, *, belongs_to: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(unseal(key, sealed, belongs_to=belongs_to))
    return fields


@dataclass(frozen=True)
class WrappedKey:
    generation: int
    sealed: bytes


class Keyring:
    """The master keys of one key file, by generation; the highest generation wraps what is new.

    The file has a line `generation:base64` for each. It is read when it is first needed, and again when an unknown
    generation is met, so that a rotation by the command line reaches processes that are already running.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: dict[int, bytes] = {}
        self._read_at = 0

    @property
    def current(self) -> int:
        """The generation that wraps what is new; looks whether the file has changed since it was read."""
        self._look_again()
        return max(self._keys)

    @property
    def oldest(self) -> int:
        """The earliest generation that is not forgotten: what older ones had wrapped is gone, in backups too."""
        self._look_again()
        return min(self._keys)

    def _look_again(self) -> None:
        if not self._keys or self._changed_at() != self._read_at:
            self.reload()

    def reload(self) -> None:
        seen_at = self._changed_at()  # before reading: a change in between is then seen next time
        self._keys, self._read_at = read_key_file(self._file), seen_at

    def _changed_at(self) -> int:
        return self._file.stat().st_mtime_ns if self._file.exists() else 0

    def master(self, generation: int) -> bytes:
        if generation not in self._keys:
            self.reload()
        if generation not in self._keys:
            raise MasterKeyMissing(f"master key generation {generation} is not in {self._file.name}")
        return self._keys[generation]

    def wrap(self, key: bytes, *, belongs_to: str) -> WrappedKey:
        generation = self.current
        return WrappedKey(generation, seal(self.master(generation), key, belongs_to=f"{belongs_to}|{generation}"))

    def unwrap(self, wrapped: WrappedKey, *, belongs_to: str) -> bytes:
        master = self.master(wrapped.generation)
        return unseal(master, wrapped.sealed, belongs_to=f"{belongs_to}|{wrapped.generation}")


def read_key_file(file: Path) -> dict[int, bytes]:
    """Read a key file.

    Raises:
        MasterKeyMissing: if there is no file, no key in it, or a line that is not a key.
    """
    try:
        lines = [line.strip() for line in file.read_text().splitlines() if line.strip()]
        keys = dict(_read_line(line) for line in lines)
    except FileNotFoundError as error:
        raise MasterKeyMissing(f"there is no master key file at {file}") from error
    except ValueError as error:
        raise MasterKeyMissing(f"{file.name} holds a line that is not a master key") from error
    if not keys:
        raise MasterKeyMissing(f"{file.name} holds no master key")
    return keys


def _read_line(line: str) -> tuple[int, bytes]:
    generation, _, encoded = line.partition(":")
    key = base64.b64decode(encoded, validate=True)
    if len(key) != _KEY:
        raise ValueError("a master key has 32 bytes")
    return int(generation), key


def write_key_file(file: Path, keys: Mapping[int, bytes]) -> None:
    """Write the key file whole or not at all, readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(file.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        for generation, key in sorted(keys.items()):
            stream.write(f"{generation}:{base64.b64encode(key).decode()}\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


class Seal:
    """The key of one case, or of one referral, unwrapped for the length of a request."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def close_fields(self, fields: Mapping[str, Any], table: str, row_id: UUID) -> bytes:
        return seal_fields(self._key, fields, belongs_to=f"{table}|sealed|{row_id}")

    def open_fields(self, sealed: bytes, table: str, row_id: UUID) -> dict[str, Any]:
        return unseal_fields(self._key, sealed, belongs_to=f"{table}|sealed|{row_id}")

    def close_title(self, title: str, table: str, row_id: UUID) -> bytes:
        return seal(self._key, title.encode(), belongs_to=f"{table}|sealed_title|{row_id}")

    def open_title(self, sealed: bytes, table: str, row_id: UUID) -> str:
        return unseal(self._key, sealed, belongs_to=f"{table}|sealed_title|{row_id}").decode()


def rewrapped(keyring: Keyring, wrapped: WrappedKey, *, belongs_to: str) -> WrappedKey:
    """The same key, wrapped with the current master key; the texts it seals stay as they are."""
    return keyring.wrap(keyring.unwrap(wrapped, belongs_to=belongs_to), belongs_to=belongs_to)

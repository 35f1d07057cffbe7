"""Sealing and opening what is said to the committee, in memory only."""

from __future__ import annotations

from uuid import UUID

from supervision import crypto
from supervision.crypto import Keyring, Seal, WrappedKey
from supervision.deontology.referrals.models import Referral


class ReferralDestroyed(Exception):
    """The referral is purged: nothing of it can be opened any more."""


def create(keyring: Keyring, referral_id: UUID) -> tuple[Seal, WrappedKey]:
    """A new key, and how it is kept."""
    key = crypto.new_key()
    return Seal(key), keyring.wrap(key, belongs_to=key_place(referral_id))


def opened(keyring: Keyring, referral: Referral) -> Seal:
    """Raises:
    ReferralDestroyed: it has no key any more.
    """
    if referral.generation is None or referral.wrapped is None:
        raise ReferralDestroyed
    wrapped = WrappedKey(referral.generation, referral.wrapped)
    return Seal(keyring.unwrap(wrapped, belongs_to=key_place(referral.id)))


def key_place(referral_id: UUID) -> str:
    return f"referral|wrapped|{referral_id}"

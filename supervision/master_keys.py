"""The generations of the master key: proving that the right one is there, and changing it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import inspect, select

from supervision import crypto
from supervision.audit import actions as audit
from supervision.cases.models import CaseKey, MasterKeyGeneration
from supervision.cases.sealing import key_place as case_place
from supervision.crypto import Keyring, MasterKeyMissing, SealBroken, WrappedKey
from supervision.db import db, insert
from supervision.deontology.referrals.models import Referral
from supervision.deontology.referrals.sealing import key_place as referral_place

PROOF = b"prisme"
_BATCH = 500
Row = TypeVar("Row", CaseKey, Referral)  # what holds a wrapped key


class WrongMasterKey(Exception):
    """The key file has this generation, but not the key the database was sealed with."""


def create_key_file(file: Path) -> None:
    """Write the first master key.

    Raises:
        FileExistsError: there is a key file; losing it would lose every text.
    """
    if file.exists():
        raise FileExistsError(file)
    crypto.write_key_file(file, {1: crypto.new_key()})


def verify(keyring: Keyring, now: datetime) -> None:
    """Refuse to go on unless every generation that the database relies on is there and is the right one.

    A database that relies on none yet starts to rely on the current one. Commits that row.

    Raises:
        MasterKeyMissing, WrongMasterKey: with a sentence for the person at the command line.
    """
    if not inspect(db.engine).has_table(MasterKeyGeneration.__tablename__):
        return  # before the first migration nothing is sealed
    known = db.session.scalars(select(MasterKeyGeneration).where(MasterKeyGeneration.retired_at.is_(None))).all()
    for row in known:
        _prove(keyring, row)
    if keyring.current not in {row.generation for row in known}:
        _begin(keyring, now)
    db.session.commit()


def _prove(keyring: Keyring, row: MasterKeyGeneration) -> None:
    try:
        crypto.unseal(keyring.master(row.generation), row.proof, belongs_to=_place(row.generation))
    except MasterKeyMissing as error:
        raise MasterKeyMissing(
            f"{error}; the texts in this database are sealed with it. Put the key file back."
        ) from error
    except SealBroken as error:
        raise WrongMasterKey(
            f"master key generation {row.generation} is not the key this database was sealed with. "
            "Put the right key file back."
        ) from error


def _begin(keyring: Keyring, now: datetime) -> None:
    """Rely on the current generation from now on; web and worker may start, and do this, at the same moment."""
    generation = keyring.current
    proof = crypto.seal(keyring.master(generation), PROOF, belongs_to=_place(generation))
    new = insert(MasterKeyGeneration).values(generation=generation, proof=proof, began_at=now)
    db.session.execute(new.on_conflict_do_nothing(index_elements=["generation"]))
    row = db.session.get_one(MasterKeyGeneration, generation, populate_existing=True)
    if row.retired_at is not None:
        raise WrongMasterKey(f"master key generation {generation} was retired from this database. Rotate to a new one.")
    _prove(keyring, row)


def _place(generation: int) -> str:
    return f"master_key_generation|proof|{generation}"


def rotate(keyring: Keyring, file: Path, now: datetime) -> int:
    """Add a generation to the file, wrap every key of a case or a referral with it, retire the others. Returns how many
    were wrapped.

    Commits in steps: a rotation that is interrupted is finished by calling it again.
    """
    keys = crypto.read_key_file(file)
    newest = max(keys)
    if not _is_interrupted(newest):
        crypto.write_key_file(file, {**keys, newest + 1: crypto.new_key()})
    keyring.reload()
    if db.session.get(MasterKeyGeneration, keyring.current) is None:
        _begin(keyring, now)
    db.session.commit()
    wrapped = _rewrap_all(keyring)
    _retire_others(keyring.current, now)
    audit.record(
        actor_id=None, action="master-key-rotated", subject=f"master-key/{keyring.current}", now=now, wrapped=wrapped
    )
    db.session.commit()
    return wrapped


def _is_interrupted(newest: int) -> bool:
    """A key is wrapped by an earlier generation than the newest. One that is destroyed has no generation."""
    return any(generation != newest for generation in _in_use())


def _in_use() -> set[int]:
    """The generations that wrap a key. A destroyed key has none."""
    cases = select(CaseKey.generation).distinct()
    referrals = select(Referral.generation).where(Referral.generation.is_not(None)).distinct()
    return {generation for generation in db.session.scalars(cases.union(referrals)) if generation is not None}


def _rewrap_all(keyring: Keyring) -> int:
    return _rewrap_each(CaseKey, keyring) + _rewrap_each(Referral, keyring)


def _rewrap_each(model: type[Row], keyring: Keyring) -> int:
    count = 0
    while True:
        old = select(model).where(model.generation != keyring.current).limit(_BATCH).with_for_update()
        rows = db.session.scalars(old).all()
        for row in rows:
            rewrap(keyring, row)
        db.session.commit()
        db.session.expunge_all()
        if not rows:
            return count
        count += len(rows)


def rewrap(keyring: Keyring, row: CaseKey | Referral) -> None:
    """Wrap a key with the current master key; the texts stay as they are."""
    if row.generation is None or row.wrapped is None:
        return
    place = case_place(row.case_id) if isinstance(row, CaseKey) else referral_place(row.id)
    wrapped = crypto.rewrapped(keyring, WrappedKey(row.generation, row.wrapped), belongs_to=place)
    row.generation, row.wrapped = wrapped.generation, wrapped.sealed


def _retire_others(current: int, now: datetime) -> None:
    others = select(MasterKeyGeneration).where(
        MasterKeyGeneration.generation != current, MasterKeyGeneration.retired_at.is_(None)
    )
    for row in db.session.scalars(others):
        row.retired_at = now


def forget_retired(file: Path) -> list[int]:
    """Take the retired generations out of the key file: what only they open is gone for good, in backups too."""
    keys = crypto.read_key_file(file)
    retired = db.session.scalars(
        select(MasterKeyGeneration.generation).where(MasterKeyGeneration.retired_at.is_not(None))
    )
    gone = sorted(set(retired) & set(keys) - _in_use())
    crypto.write_key_file(file, {generation: key for generation, key in keys.items() if generation not in gone})
    return gone

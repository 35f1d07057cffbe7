"""The generations of the master key: proving that the right one is there, and changing it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, select

from supervision import crypto
from supervision.audit import actions as audit
from supervision.cases.models import CaseKey, MasterKeyGeneration
from supervision.cases.sealing import PROOF, rewrap
from supervision.crypto import Keyring, MasterKeyMissing, SealBroken
from supervision.db import db, insert

_BATCH = 500


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
    """Add a generation to the file, wrap every case's key with it, retire the others. Returns how many were wrapped.

    Commits in steps: a rotation that is interrupted is finished by calling it again.
    """
    keys = crypto.read_key_file(file)
    newest = max(keys)
    pending = db.session.scalar(select(CaseKey.case_id).where(CaseKey.generation != newest).limit(1))
    if pending is None:
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


def _rewrap_all(keyring: Keyring) -> int:
    count = 0
    while True:
        old = select(CaseKey).where(CaseKey.generation != keyring.current).limit(_BATCH).with_for_update()
        rows = db.session.scalars(old).all()
        for row in rows:
            rewrap(keyring, row)
        db.session.commit()
        db.session.expunge_all()
        if not rows:
            return count
        count += len(rows)


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
    in_use = set(db.session.scalars(select(CaseKey.generation).distinct()))
    gone = sorted(set(retired) & set(keys) - in_use)
    crypto.write_key_file(file, {generation: key for generation, key in keys.items() if generation not in gone})
    return gone

"""The master key of a database: proved at every start, changed while people write, forgotten when nothing uses it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from supervision import clock, create_app, crypto, master_keys
from supervision.audit.models import AuditEntry
from supervision.cases import texts
from supervision.cases.models import CaseKey, CaseVersion, MasterKeyGeneration
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring, MasterKeyMissing, SealBroken
from supervision.db import db
from supervision.master_keys import WrongMasterKey
from tests import desk
from tests.conftest import migrate, settings_for

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Sealed:
    """A case, and a key file of its own, so that a rotation disturbs no other test."""

    file: Path
    ring: Keyring
    case_id: UUID

    def account(self, ring: Keyring | None = None) -> str:
        return str(texts.situation(desk.opened(self.case_id), ring or self.ring)["account"])


@pytest.fixture
def sealed(app: Flask, cast: SimpleNamespace, tmp_path: Path, now: Any) -> Sealed:
    file = tmp_path / "own.keys"
    file.write_bytes(app.config["SETTINGS"].master_key_file.read_bytes())
    ring = Keyring(file)
    case_id = desk.bring(cast.ana, cast.sam, ring, now)
    db.session.commit()
    return Sealed(file, ring, case_id)


# --- every sealed column ----------------------------------------------------------------------------------------------


def test_no_text_opens_in_the_place_of_another(sealed: Sealed, cast: SimpleNamespace, now: Any) -> None:
    """One key seals title, version, feedback and answer: only the place tells them apart."""
    desk.respond(cast.sam, sealed.case_id, sealed.ring, now)
    desk.answer(cast.ana, sealed.case_id, sealed.ring, now)
    file = desk.opened(sealed.case_id)
    assert file.version
    assert file.feedback
    assert file.answer
    rows: list[Any] = [file.version, file.feedback, file.answer]
    places = [(row.__tablename__, row.id) for row in rows]
    for row in rows:
        opened = [place for place in places if opens(file, sealed.ring, row.sealed, *place)]
        assert opened == [(row.__tablename__, row.id)]
    assert not opens(file, sealed.ring, file.version.sealed_title, "case_version", file.version.id)


def opens(file: CaseFile, ring: Keyring, value: bytes, table: str, row_id: UUID) -> bool:
    try:
        file.seal(ring).open_fields(value, table, row_id)
    except SealBroken:
        return False
    return True


def test_a_text_moved_to_another_case_does_not_open(sealed: Sealed, cast: SimpleNamespace, now: Any) -> None:
    other = desk.bring(cast.ana, cast.sam, sealed.ring, now, account="D’une autre.")
    file = desk.opened(other)
    file.key.wrapped = desk.opened(sealed.case_id).key.wrapped  # with its key, too
    with pytest.raises(SealBroken):
        texts.situation(file, sealed.ring)
    db.session.rollback()


# --- the proof at every start -----------------------------------------------------------------------------------------


def test_the_right_key_is_accepted_and_nothing_is_added(sealed: Sealed, now: Any) -> None:
    before = db.session.scalars(select(MasterKeyGeneration.generation)).all()
    master_keys.verify(sealed.ring, now)
    assert db.session.scalars(select(MasterKeyGeneration.generation)).all() == before == [1]


def test_another_key_of_the_same_generation_is_refused(sealed: Sealed, now: Any) -> None:
    crypto.write_key_file(sealed.file, {1: crypto.new_key()})
    with pytest.raises(WrongMasterKey, match="generation 1 is not the key this database was sealed with"):
        master_keys.verify(Keyring(sealed.file), now)


def test_a_file_without_the_generation_is_refused(sealed: Sealed, now: Any) -> None:
    crypto.write_key_file(sealed.file, {2: crypto.new_key()})
    with pytest.raises(MasterKeyMissing, match=r"generation 1 is not in own.keys; the texts .* Put the key file back"):
        master_keys.verify(Keyring(sealed.file), now)


def test_no_file_is_refused(sealed: Sealed, now: Any) -> None:
    sealed.file.unlink()
    with pytest.raises(MasterKeyMissing, match="there is no master key file"):
        master_keys.verify(Keyring(sealed.file), now)


def test_a_key_file_is_never_replaced(sealed: Sealed) -> None:
    before = sealed.file.read_bytes()
    with pytest.raises(FileExistsError):
        master_keys.create_key_file(sealed.file)
    assert sealed.file.read_bytes() == before


# --- rotation ---------------------------------------------------------------------------------------------------------


def generations() -> dict[int, bool]:
    """Each generation, and whether it is retired."""
    rows = db.session.execute(select(MasterKeyGeneration.generation, MasterKeyGeneration.retired_at))
    return {generation: retired_at is not None for generation, retired_at in rows}


def test_rotation_wraps_every_key_anew_and_touches_no_text(sealed: Sealed, now: Any) -> None:
    before = db.session.scalars(select(CaseVersion.sealed)).all()
    assert master_keys.rotate(sealed.ring, sealed.file, now) == 1
    assert set(db.session.scalars(select(CaseKey.generation))) == {2}
    assert db.session.scalars(select(CaseVersion.sealed)).all() == before
    assert (generations(), sealed.account()) == ({1: True, 2: False}, desk.SITUATION["account"])
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert last is not None
    assert (last.action, last.facts) == ("master-key-rotated", {"wrapped": 1})


def test_a_process_that_runs_through_a_rotation_goes_on_serving(
    sealed: Sealed, cast: SimpleNamespace, now: Any
) -> None:
    old = Keyring(sealed.file)
    assert sealed.account(old) == desk.SITUATION["account"]  # it has read the file
    master_keys.rotate(Keyring(sealed.file), sealed.file, now)
    assert sealed.account(old) == desk.SITUATION["account"]
    written = desk.bring(cast.ana, cast.sam, old, now)
    assert desk.opened(written).key.generation == 2


def test_a_rotation_interrupted_after_the_file_was_written_is_finished_by_calling_again(
    sealed: Sealed, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stop:
        stop.setattr(master_keys, "_rewrap_all", interrupt)
        with pytest.raises(KeyboardInterrupt):
            master_keys.rotate(sealed.ring, sealed.file, now)
    db.session.rollback()
    assert sealed.account() == desk.SITUATION["account"]
    master_keys.verify(Keyring(sealed.file), now)  # a process may start in between
    assert master_keys.rotate(sealed.ring, sealed.file, now) == 1
    assert (sorted(crypto.read_key_file(sealed.file)), generations()) == ([1, 2], {1: True, 2: False})
    assert sealed.account() == desk.SITUATION["account"]


def interrupt(*_args: Any) -> int:
    raise KeyboardInterrupt


def test_a_rotation_interrupted_between_two_batches_is_finished_by_calling_again(
    sealed: Sealed, cast: SimpleNamespace, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.many(9, cast.ana, cast.sam, sealed.ring, now, state="draft")
    db.session.commit()
    rewrap, seen = master_keys.rewrap, []

    def fail_at_the_sixth(ring: Keyring, row: CaseKey) -> None:
        seen.append(row)
        if len(seen) == 6:
            raise KeyboardInterrupt
        rewrap(ring, row)

    monkeypatch.setattr(master_keys, "_BATCH", 4)
    with monkeypatch.context() as stop:
        stop.setattr(master_keys, "rewrap", fail_at_the_sixth)
        with pytest.raises(KeyboardInterrupt):
            master_keys.rotate(sealed.ring, sealed.file, now)
    db.session.rollback()
    assert sorted(db.session.scalars(select(CaseKey.generation))) == [1] * 6 + [2] * 4
    assert master_keys.rotate(sealed.ring, sealed.file, now) == 6
    assert sorted(db.session.scalars(select(CaseKey.generation))) == [2] * 10
    assert sealed.account() == desk.SITUATION["account"]


def test_forgetting_takes_what_is_retired_and_unused_out_of_the_file(sealed: Sealed, now: Any) -> None:
    assert master_keys.forget_retired(sealed.file) == []
    master_keys.rotate(sealed.ring, sealed.file, now)
    assert master_keys.forget_retired(sealed.file) == [1]
    assert sorted(crypto.read_key_file(sealed.file)) == [2]
    assert sealed.account(Keyring(sealed.file)) == desk.SITUATION["account"]
    master_keys.verify(Keyring(sealed.file), now)


def test_what_a_case_still_needs_is_not_forgotten(sealed: Sealed, cast: SimpleNamespace, now: Any) -> None:
    """An old process may wrap with the old generation until it is restarted."""
    straggler = desk.bring(cast.ana, cast.sam, sealed.ring, now)
    with_old_key = desk.opened(straggler).key.wrapped
    master_keys.rotate(sealed.ring, sealed.file, now)
    back = update(CaseKey).where(CaseKey.case_id == straggler)
    db.session.execute(back.values(generation=1, wrapped=with_old_key))
    assert master_keys.forget_retired(sealed.file) == []
    assert master_keys.rotate(sealed.ring, sealed.file, now) == 1
    assert master_keys.forget_retired(sealed.file) == [1]
    assert texts.situation(desk.opened(straggler), Keyring(sealed.file))["title"] == desk.SITUATION["title"]


def test_a_retired_generation_alone_in_the_file_is_refused(sealed: Sealed, now: Any) -> None:
    first = sealed.file.read_bytes()
    master_keys.rotate(sealed.ring, sealed.file, now)
    sealed.file.write_bytes(first)  # the file of an old backup
    with pytest.raises(MasterKeyMissing, match="generation 2"):
        master_keys.verify(Keyring(sealed.file), now)


@pytest.mark.slow
def test_web_and_worker_may_start_for_the_first_time_together(fresh_stack: Callable[..., Flask]) -> None:
    app, gate, troubles = fresh_stack(), threading.Barrier(6), []
    with app.app_context():
        db.session.execute(text("DELETE FROM master_key_generation"))
        db.session.commit()

    def start() -> None:
        gate.wait()
        try:
            with app.app_context():
                master_keys.verify(Keyring(app.config["SETTINGS"].master_key_file), clock.now())
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []


# --- processes that refuse to start -----------------------------------------------------------------------------------


START = """
for part in ("wsgi", "worker.app"):
    try:
        __import__(part)
    except Exception as error:
        print(f"{part}: {error}")
    else:
        print(f"{part}: ready")
"""


def starting(folder: Path) -> subprocess.Popen[str]:
    """Start the web and the worker as their servers would."""
    env = {**os.environ, "APP_ENV": "development", "INSTANCE_DIR": str(folder), "SECRET_KEY": secrets.token_hex(24)}
    for name in ("DATABASE_URL", "REDIS_URL", "MASTER_KEY_FILE"):
        env.pop(name, None)
    return subprocess.Popen([sys.executable, "-c", START], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


DAMAGE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "none": (lambda _file: None, "ready"),
    "missing": (lambda file: file.unlink(), "there is no master key file at {folder}/master.keys"),
    "of another database": (
        lambda file: crypto.write_key_file(file, {1: crypto.new_key()}),
        "master key generation 1 is not the key this database was sealed with. Put the right key file back.",
    ),
}


@pytest.mark.slow
def test_processes_refuse_to_start_without_the_right_key_and_say_so(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    crypto.write_key_file(ready / "master.keys", {1: crypto.new_key()})
    app = create_app(settings_for(ready, f"sqlite:///{ready}/prisme.db"))
    with app.app_context():
        migrate(app)
        db.engine.dispose()
    for damage, (inflict, _) in DAMAGE.items():
        shutil.copytree(ready, tmp_path / damage)
        inflict(tmp_path / damage / "master.keys")
    processes = {damage: starting(tmp_path / damage) for damage in DAMAGE}
    for damage, process in processes.items():
        said = process.communicate(timeout=120)[0].splitlines()
        sentence = DAMAGE[damage][1].format(folder=tmp_path / damage)
        assert [line.split(": ", 1)[0] for line in said] == ["wsgi", "worker.app"]
        assert [line for line in said if sentence not in line] == []

"""A backup brings back every row on either database, or refuses and changes nothing."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import itertools
import json
import secrets
import stat
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import config
from supervision import backup as room
from supervision.backup import BackupRefused, backup, restore
from tests import services
from tests.services import Missing

ANA_AND_HER_SITUATION = ("INSERT INTO person VALUES (1, 'Ana')", "INSERT INTO situation VALUES (1, 1, 'c2VhbGVk')")
ANA = [("Ana", "c2VhbGVk")]
SCRIPT = "revision = 'r1'\ndown_revision = None\ndef upgrade(): ...\n"
TABLES = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('r1')",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE situation (id INTEGER PRIMARY KEY, author INTEGER REFERENCES person (id), sealed TEXT)",
)


@pytest.fixture(autouse=True)
def one_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "r1.py").write_text(SCRIPT)
    monkeypatch.setattr(room, "MIGRATIONS", folder)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def addresses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes new, empty databases of one kind."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'prisme.db'}"
    else:
        yield from postgresql_addresses(tmp_path_factory)


def postgresql_addresses(factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    found = services.postgresql(services.shared_folder(factory.getbasetemp()))
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    with found as server, contextlib.ExitStack() as databases:
        names = (f"backup_{secrets.token_hex(4)}" for _ in itertools.count())
        yield lambda: databases.enter_context(server.database(next(names)))


@pytest.fixture
def live(addresses: Callable[[], str], tmp_path: Path) -> config.Settings:
    """Settings of a database with a person and her situation."""
    settings = settings_for(addresses(), tmp_path)
    execute(
        settings, *TABLES, "INSERT INTO person VALUES (1, 'Ana')", "INSERT INTO situation VALUES (1, 1, 'c2VhbGVk')"
    )
    return settings


@pytest.fixture
def other(addresses: Callable[[], str], tmp_path: Path) -> config.Settings:
    return settings_for(addresses(), tmp_path)


def settings_for(address: str, instance: Path) -> config.Settings:
    return config.from_environment({"APP_ENV": "test", "DATABASE_URL": address, "INSTANCE_DIR": str(instance)})


def execute(settings: config.Settings, *statements: str) -> None:
    engine = sa.create_engine(settings.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(settings: config.Settings) -> list[tuple[object, ...]]:
    engine = sa.create_engine(settings.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT name, sealed FROM person JOIN situation ON author = person.id")
        return [tuple(row) for row in found]


# --- there and back ---------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back_in_an_empty_database(
    live: config.Settings, other: config.Settings, tmp_path: Path
) -> None:
    restore(other, backup(live, tmp_path / "saved.tar.gz"))
    assert rows(other) == ANA


def test_a_restored_database_can_be_saved_and_restored_again(
    live: config.Settings, other: config.Settings, tmp_path: Path
) -> None:
    restore(other, backup(live, tmp_path / "first.tar.gz"))
    restore(live, backup(other, tmp_path / "second.tar.gz"), force=True)
    assert rows(live) == ANA


def test_a_forced_restore_replaces_later_rows_and_later_tables(live: config.Settings, tmp_path: Path) -> None:
    file = backup(live, tmp_path / "saved.tar.gz")
    execute(
        live, "INSERT INTO person VALUES (2, 'Zoe')", "CREATE TABLE novelty (person INTEGER REFERENCES person (id))"
    )
    restore(live, file, force=True)
    assert rows(live) == ANA
    assert "novelty" not in sa.inspect(sa.create_engine(live.database_url)).get_table_names()


def test_a_schema_with_nothing_in_it_counts_as_empty(
    live: config.Settings, other: config.Settings, tmp_path: Path
) -> None:
    execute(other, *TABLES)
    restore(other, backup(live, tmp_path / "saved.tar.gz"))
    assert rows(other) == ANA


def test_a_backup_taken_while_rows_are_written_is_whole(
    live: config.Settings, other: config.Settings, tmp_path: Path
) -> None:
    """Each transaction adds a person and her situation: a copy torn between the two would show."""
    stop = threading.Event()

    def write() -> None:
        for number in range(2, 100_000):
            if stop.is_set():
                return
            person, situation = (
                f"INSERT INTO person VALUES ({number}, 'x')",
                "INSERT INTO situation VALUES ({0}, {0}, 'y')",
            )
            execute(live, person, situation.format(number))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        restore(other, backup(live, tmp_path / "saved.tar.gz"))
    finally:
        stop.set()
        writer.join()
    assert len(rows(other)) == count(other, "person") == count(other, "situation") >= 1


def count(settings: config.Settings, table: str) -> int:
    with sa.create_engine(settings.database_url, poolclass=sa.NullPool).connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_readers_with_an_open_connection_see_the_restored_rows(live: config.Settings, tmp_path: Path) -> None:
    file = backup(live, tmp_path / "saved.tar.gz")
    engine = sa.create_engine(live.database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("UPDATE person SET name = 'Changed'")
        connection.commit()
        restore(live, file, force=True)
        assert connection.exec_driver_sql("SELECT name FROM person").scalar() == "Ana"
    engine.dispose()


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_backup_is_for_its_owner_alone_and_says_what_it_is(live: config.Settings, tmp_path: Path) -> None:
    file = backup(live, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", "database"]
        manifest = json.load(tar.extractfile("manifest.json") or io.BytesIO())
    kind = sa.make_url(live.database_url).get_backend_name()
    assert (manifest["format"], manifest["database"], manifest["migration"]) == (1, kind, "r1")


def test_no_key_and_no_password_is_in_it(live: config.Settings, tmp_path: Path) -> None:
    (tmp_path / "master.keys").write_text("the-master-key")
    content = gzip.decompress(backup(live, tmp_path / "saved.tar.gz").read_bytes())
    secrets_of_mine = ["the-master-key", sa.make_url(live.database_url).password or "no-password-at-all"]
    assert [secret for secret in secrets_of_mine if secret.encode() in content] == []


def test_a_backup_never_replaces_another_and_leaves_nothing_beside_it(live: config.Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    file = backup(live, folder / "saved.tar.gz")
    before = file.read_bytes()
    with pytest.raises(BackupRefused, match="never replaces"):
        backup(live, file)
    assert (file.read_bytes(), list(folder.iterdir())) == (before, [file])


def test_a_database_without_tables_gives_no_backup(other: config.Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no tables yet"):
        backup(other, tmp_path / "saved.tar.gz")
    assert not (tmp_path / "saved.tar.gz").exists()


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_database_with_people_is_not_replaced_unless_forced(live: config.Settings, tmp_path: Path) -> None:
    file = backup(live, tmp_path / "saved.tar.gz")
    execute(live, "INSERT INTO person VALUES (2, 'Zoe')")
    with pytest.raises(BackupRefused, match="holds data"):
        restore(live, file)
    assert count(live, "person") == 2


def test_a_backup_of_the_other_kind_is_refused(live: config.Settings, tmp_path: Path) -> None:
    file = forged(live, tmp_path, database="oracle")
    with pytest.raises(BackupRefused, match="oracle"):
        restore(live, file, force=True)
    assert rows(live) == ANA


def test_a_backup_of_a_newer_version_is_refused(live: config.Settings, tmp_path: Path) -> None:
    file = forged(live, tmp_path, migration="from-the-future")
    with pytest.raises(BackupRefused, match="from-the-future"):
        restore(live, file, force=True)
    assert rows(live) == ANA


def test_an_unknown_format_is_refused(live: config.Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="format 2"):
        restore(live, forged(live, tmp_path, format=2), force=True)


def test_content_that_does_not_match_its_checksum_is_refused(live: config.Settings, tmp_path: Path) -> None:
    file = forged(live, tmp_path, sha256="0" * 64)
    with pytest.raises(BackupRefused, match="damaged"):
        restore(live, file, force=True)
    assert rows(live) == ANA


def says_the_same(harmed: bytes, whole: bytes) -> bool:
    """A flipped bit may change nothing: a run of zeros is copied from another place in it."""
    try:
        return gzip.decompress(harmed) == gzip.decompress(whole)
    except (EOFError, OSError, zlib.error):
        return False


def test_a_cut_or_flipped_file_is_refused_wherever_the_damage_is(live: config.Settings, tmp_path: Path) -> None:
    whole = backup(live, tmp_path / "saved.tar.gz").read_bytes()
    for place in range(20, len(whole) - 8, max(1, len(whole) // 23)):
        flipped = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        for harmed in (whole[:place], flipped):
            if says_the_same(harmed, whole):
                continue
            (tmp_path / "harmed").write_bytes(harmed)
            with pytest.raises(BackupRefused):
                restore(live, tmp_path / "harmed", force=True)
    assert rows(live) == ANA


def test_a_database_that_fails_halfway_changes_nothing(live: config.Settings, tmp_path: Path) -> None:
    """The checksum is right and the content is not: the failure comes while it is being loaded."""
    file = repacked(live, tmp_path, lambda dump: dump[: len(dump) * 2 // 3])
    with pytest.raises(BackupRefused):
        restore(live, file, force=True)
    assert rows(live) == ANA


@pytest.mark.parametrize("name", ["../escaped", "/tmp/prisme-escaped", "database/../../escaped", "other"])
def test_an_archive_cannot_choose_where_it_lands(name: str, tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'prisme.db'}", tmp_path)
    file = tmp_path / "crafted.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        for member, content in (("manifest.json", manifest_of(b"evil")), (name, b"evil")):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with pytest.raises(BackupRefused, match="not a backup"):
        restore(settings, file)
    assert not any(path.name.endswith("escaped") for path in [*tmp_path.parent.iterdir(), *Path("/tmp").iterdir()])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_an_archive_may_hold_plain_files_only(kind: bytes, tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'prisme.db'}", tmp_path)
    file = tmp_path / "crafted.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BackupRefused, match="not a backup"):
        restore(settings, file)


# Without the time in its head, which would give the test another name in each worker that collects it.
@pytest.mark.parametrize(
    "content", [b"", b"not a tar", b"PK\x03\x04", gzip.compress(b"not a tar", mtime=0), gzip.compress(b"", mtime=0)]
)
def test_any_other_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(BackupRefused):
        restore(settings_for(f"sqlite:///{tmp_path / 'prisme.db'}", tmp_path), tmp_path / "other")


def test_the_password_never_stands_on_a_command_line() -> None:
    url = sa.make_url("postgresql+psycopg://prisme:se%40cret@db:5433/prisme?sslmode=require&password=se%40cret")
    assert room.address(url) == "postgresql://prisme@db:5433/prisme?sslmode=require"


# --- forgeries --------------------------------------------------------------------------------------------------------


def manifest_of(dump: bytes, **changes: object) -> bytes:
    digest = hashlib.sha256(dump).hexdigest()
    manifest = {
        "format": 1,
        "made_at": "",
        "database": "sqlite",
        "migration": "r1",
        "sha256": digest,
        "size": len(dump),
    }
    return json.dumps({**manifest, **changes}).encode()


def forged(settings: config.Settings, folder: Path, **changes: object) -> Path:
    """A backup whose manifest tells something else."""
    return write(settings, folder, lambda dump: dump, changes)


def repacked(settings: config.Settings, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """A backup with other content, and a manifest that vouches for it."""
    return write(settings, folder, change, {})


def write(settings: config.Settings, folder: Path, change: Callable[[bytes], bytes], told: dict[str, object]) -> Path:
    with tarfile.open(backup(settings, folder / "original.tar.gz")) as tar:
        dump = change((tar.extractfile("database") or io.BytesIO()).read())
    kind = {"database": sa.make_url(settings.database_url).get_backend_name()}
    with tarfile.open(folder / "forged.tar.gz", "w:gz") as tar:
        for name, content in (("manifest.json", manifest_of(dump, **{**kind, **told})), ("database", dump)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return folder / "forged.tar.gz"

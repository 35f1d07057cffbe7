"""Backup and restore of the database, SQLite or PostgreSQL, as one file.

The file is a .tar.gz of `manifest.json` and `database`. The keys are left out on purpose: whoever finds a backup must
not find with it what opens the texts of the cases. A backup is consistent while the platform runs; a restore happens
whole or changes nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from config import Settings
from supervision import clock

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
CHUNK = 1024 * 1024
BOOKKEEPING = {"alembic_version", "heartbeat", "rate_counter", "master_key_generation"}
MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
KEYS_APART = "The keys are not in it: keep the master key file and the secret key in another place."


class BackupRefused(Exception):
    """A backup or restore that would do harm or cannot work. The message says why, to the person at the command."""


@dataclass(frozen=True)
class Manifest:
    format: int
    made_at: str  # ISO 8601, UTC
    database: str  # sqlite | postgresql
    migration: str  # the Alembic revision of the schema
    sha256: str
    size: int  # bytes of `database`


def backup(settings: Settings, target: Path) -> Path:
    """Write a backup to the new file `target`, or to a new file in that folder, readable by its owner alone.

    Raises:
        BackupRefused: the file exists already, or the database cannot be read.
    """
    url, now = sa.make_url(settings.database_url), clock.now()
    file = target / f"prisme-{now:%Y%m%d-%H%M%S}.tar.gz" if target.is_dir() else target
    if file.exists() or not file.parent.is_dir():
        raise BackupRefused(f"{file} exists already, or its folder does not: a backup never replaces another.")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".prisme-") as scratch:
        dump, archive = Path(scratch) / DATABASE, Path(scratch) / "archive"
        migration = current_migration(url)
        engine_of(url).dump(url, dump)
        pack(archive, describe(dump, url, migration, now), dump)
        archive.rename(file)
    return file


def restore(settings: Settings, source: Path, *, force: bool = False) -> None:
    """Put a backup in the place of the database, which must be empty unless `force` is given.

    Raises:
        BackupRefused: a damaged or foreign file, another kind of database, or data that would be lost.
    """
    url = sa.make_url(settings.database_url)
    with tempfile.TemporaryDirectory(dir=settings.instance_dir, prefix=".prisme-") as scratch:
        dump = Path(scratch) / DATABASE
        refuse_unfit(unpack(source, dump), url)
        if not force and holds_data(url):
            raise BackupRefused("The database holds data that this would replace. Insist (--force) if that is meant.")
        engine_of(url).load(url, dump)


def refuse_unfit(manifest: Manifest, url: sa.URL) -> None:
    if manifest.database != url.get_backend_name():
        kinds = f"{manifest.database}, and DATABASE_URL names {url.get_backend_name()}"
        raise BackupRefused(f"The backup is of {kinds}.")
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.migration not in known:
        raise BackupRefused(f"This version of Prisme does not know migration {manifest.migration}: use a newer one.")


# --- the file ---------------------------------------------------------------------------------------------------------


def describe(dump: Path, url: sa.URL, migration: str, now: datetime) -> Manifest:
    with dump.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    made_at = now.isoformat(timespec="seconds")
    return Manifest(FORMAT, made_at, url.get_backend_name(), migration, sha256, dump.stat().st_size)


def pack(archive: Path, manifest: Manifest, dump: Path) -> None:
    note = dump.with_name(MANIFEST)
    note.write_text(json.dumps(asdict(manifest), indent=2))
    handle = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream, tarfile.open(fileobj=stream, mode="w:gz") as tar:
        tar.add(note, MANIFEST, filter=without_owner)
        tar.add(dump, DATABASE, filter=without_owner)


def without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    return member.replace(uid=0, gid=0, uname="", gname="", mode=0o600, deep=False)


def unpack(source: Path, dump: Path) -> Manifest:
    """Check an archive and copy its database to `dump`.

    Members are read as streams, under names that we know: a crafted archive has no way to choose a path.
    """
    try:
        with gzip.open(source) as whole, tarfile.open(fileobj=whole) as tar:
            manifest = read_manifest(member(tar, MANIFEST))
            copy_checked(member(tar, DATABASE), dump, manifest)
            if tar.next() is not None:
                raise BackupRefused("This is not a backup of Prisme: it holds other things too.")
            while whole.read(CHUNK):  # to the end, where gzip's own checksum stands
                pass
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise BackupRefused(f"{source} cannot be read as a backup: {error}") from error
    return manifest


def member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """The next member, if it is the plain file that must come next."""
    found = tar.next()
    stream = tar.extractfile(found) if found and found.name == name and found.isreg() else None
    if stream is None:
        raise BackupRefused(f"This is not a backup of Prisme: {name} is not where it belongs.")
    return stream


def read_manifest(stream: IO[bytes]) -> Manifest:
    try:
        manifest = Manifest(**json.loads(stream.read(CHUNK)))
    except (ValueError, TypeError) as error:
        raise BackupRefused("This is not a backup of Prisme, or one of a newer version.") from error
    if manifest.format != FORMAT:
        raise BackupRefused(f"The backup has format {manifest.format}; this version of Prisme reads {FORMAT}.")
    return manifest


def copy_checked(stream: IO[bytes], dump: Path, manifest: Manifest) -> None:
    digest, size = hashlib.sha256(), 0
    with dump.open("wb") as file:
        while size <= manifest.size and (piece := stream.read(CHUNK)):
            digest.update(piece)
            size += file.write(piece)
    if (size, digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise BackupRefused("The backup is damaged: its content is not what its manifest says. Nothing was changed.")


# --- the database -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Engine:
    dump: Callable[[sa.URL, Path], None]
    load: Callable[[sa.URL, Path], None]


def engine_of(url: sa.URL) -> Engine:
    engines = {"sqlite": Engine(dump_sqlite, load_sqlite), "postgresql": Engine(dump_postgresql, load_postgresql)}
    if url.get_backend_name() not in engines or url.database in (None, "", ":memory:"):
        raise BackupRefused("Only a SQLite file or a PostgreSQL database can be backed up.")
    return engines[url.get_backend_name()]


def current_migration(url: sa.URL) -> str:
    with connection(url) as connected:
        if connected is None or not sa.inspect(connected).has_table("alembic_version"):
            raise BackupRefused("The database has no tables yet: there is nothing to back up.")
        return str(connected.scalar(sa.text("SELECT version_num FROM alembic_version")))


def holds_data(url: sa.URL) -> bool:
    """Whether any table has a row, beyond those that the platform fills by merely running."""
    with connection(url) as connected:
        if connected is None:
            return False
        metadata = sa.MetaData()
        metadata.reflect(connected)
        tables = [table for table in metadata.sorted_tables if table.name not in BOOKKEEPING]
        return any(connected.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() for table in tables)


@contextmanager
def connection(url: sa.URL) -> Iterator[sa.Connection | None]:
    """A connection of our own, or None where an SQLite file does not exist and must not spring into being."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield None
        return
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with engine.connect() as connected:
            yield connected
    except sa.exc.DBAPIError as error:
        raise BackupRefused(f"The database does not answer: {error.orig}") from error


def dump_sqlite(url: sa.URL, dump: Path) -> None:
    """Copy with SQLite's own online backup, which writers do not disturb; then drop the pages nothing uses any more."""
    dump.touch(mode=0o600)
    with closing(sqlite3.connect(url.database or "")) as live, closing(sqlite3.connect(dump)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        copy.execute("VACUUM")


def load_sqlite(url: sa.URL, dump: Path) -> None:
    """Write it over the live database in one transaction, through SQLite: open connections simply see new data."""
    target = Path(url.database or "")
    target.touch(mode=0o600)
    with closing(sqlite3.connect(dump)) as copy, closing(sqlite3.connect(target, timeout=10)) as live:
        try:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise BackupRefused("The database in the backup is damaged. Nothing was changed.")
            copy.backup(live)
        except sqlite3.Error as error:
            raise BackupRefused(f"SQLite could not restore it ({error}). Nothing was changed.") from error


def dump_postgresql(url: sa.URL, dump: Path) -> None:
    run(url, "pg_dump", "--format=custom", "--compress=0", *UNOWNED, "--file", str(dump), "--dbname", address(url))


def load_postgresql(url: sa.URL, dump: Path) -> None:
    """Empty the schema and fill it in one transaction: a failure at any line leaves everything as it was."""
    script = dump.with_suffix(".sql")
    run(url, "pg_restore", "--clean", "--if-exists", *UNOWNED, "--file", str(script), str(dump))
    emptied = "SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"
    strictly = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    run(url, "psql", *strictly, "--dbname", address(url), "--command", emptied, "--file", str(script))


UNOWNED = ("--no-owner", "--no-privileges")  # the restored tables belong to whoever restores


def address(url: sa.URL) -> str:
    """The address without its password, for a command line that others on the machine can read."""
    query = {name: value for name, value in url.query.items() if name != "password"}
    bare = sa.URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string(hide_password=False)


def run(url: sa.URL, name: str, *arguments: str) -> None:
    password = url.password or url.query.get("password")
    variables = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [program(name), *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode:
        raise BackupRefused(f"{name} failed, and nothing was changed:\n{done.stderr.strip()}")


def program(name: str) -> str:
    """A client program of PostgreSQL, from PATH or from where Debian keeps the newest."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda place: float(place.parts[-3]))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if found is None:
        raise BackupRefused(f"{name} is not installed: it comes with the client programs of PostgreSQL.")
    return found

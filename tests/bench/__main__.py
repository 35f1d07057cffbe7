"""The comparison itself. See the package for how to call it."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from flask import Flask

import config
from supervision import cli, clock, create_app, crypto, logs, master_keys
from supervision.db import db, declare
from tests import services
from tests.bench import data, load, mails, texts
from tests.bench.load import Compared, Measured, Target
from tests.bench.servers import ROOT, Memory, memory, serving
from tests.client import FreshClient

AIMS = {"Case list, 25 of 1,000": 0.35, "Mails": 0.5}
BARE = "Bare Flask page"
MEMORY_AIM = 200


@dataclass(frozen=True)
class Page:
    name: str
    found: Compared
    statements: int
    size: int  # bytes of HTML


@dataclass(frozen=True)
class Result:
    database: str
    bare: Compared
    pages: list[Page]
    mails: tuple[float, float, float]  # ratio, ours and the bare loop's a second
    memory: tuple[Memory, Memory]  # of ours and of the bare page's server


def main() -> None:
    wanted = arguments()
    os.environ["APP_ENV"] = "development"
    logs.configure("WARNING")  # of this process; the server logs as it does in production
    results = [measure(database, url, wanted) for database, url in databases(wanted.sqlite)]
    report = "\n\n".join(table(result) for result in results)
    print(f"\n{report}\n")
    if wanted.write:
        write(report, wanted)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each page in each round")
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    return parser.parse_args()


@dataclass(frozen=True)
class Urls:
    folder: Path
    ours: str
    bare: str


def databases(only_sqlite: bool) -> Iterator[tuple[str, Urls]]:
    with tempfile.TemporaryDirectory(prefix="prisme-bench-") as name:
        folder = Path(name)
        yield "SQLite", Urls(folder, f"sqlite:///{folder / 'ours.db'}", f"sqlite:///{folder / 'bare.db'}")
        found = services.Missing("left out") if only_sqlite else services.postgresql(folder)
        if isinstance(found, services.Missing):
            print(f"PostgreSQL: {found.reason}", file=sys.stderr)
            return
        with found as server, server.database("ours") as ours, server.database("bare") as bare:
            yield "PostgreSQL", Urls(folder, ours, bare.replace("postgresql:", "postgresql+psycopg:"))


def measure(database: str, urls: Urls, wanted: argparse.Namespace) -> Result:
    say(f"{database}: building a thousand situations")
    variables = {"INSTANCE_DIR": str(urls.folder), "DATABASE_URL": urls.ours, "BARE_DATABASE": urls.bare}
    variables |= {"APP_ENV": "development", "SECRET_KEY": "b" * 48, "PYTHONDONTWRITEBYTECODE": "1"}
    app = application(variables)
    subprocess.run([sys.executable, "-m", "tests.bench.bare"], cwd=ROOT, env={**os.environ, **variables}, check=True)
    with app.app_context():
        cookies = data.fill(app)
        counted = costs(app, pages(0, cookies))
        say(f"{database}: sending mails")
        sent = mails.compare(app, wanted.rounds)
        db.session.remove()
        db.engine.dispose()
    with both_servers(variables, urls.folder) as (ours, bare):
        say(f"{database}: asking for pages, {wanted.rounds} rounds of {wanted.seconds:g} s each")
        targets = [Target(BARE, bare[0], "/"), *pages(ours[0], cookies)]
        found = load.in_turns(targets, rounds=wanted.rounds, seconds=wanted.seconds)
        held = memory(ours[1]), memory(bare[1])
    return Result(database, found.pop(BARE), [Page(name, found[name], *counted[name]) for name in found], sent, held)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def application(variables: dict[str, str]) -> Flask:
    settings = config.from_environment(variables)
    if not settings.master_key_file.exists():
        crypto.write_key_file(settings.master_key_file, {1: crypto.new_key()})
    app = create_app(replace(settings, smtp_url="smtp://127.0.0.1:1"))
    cli.migrate.init_app(app, db)
    with app.app_context():
        flask_migrate.upgrade()
        master_keys.verify(app.extensions["keyring"], clock.now())
    return app


def pages(port: int, cookies: data.Cookies) -> list[Target]:
    return [
        Target("Sign-in page", port, "/connexion"),
        Target("Home", port, "/", cookies.supervisor),
        Target("Case list, 25 of 1,000", port, "/situations", cookies.author),
        Target("Cases received, 25 of 1,000", port, "/situations/recues", cookies.supervisor),
        Target("Inbox, 25 of 500 waiting", port, "/situations/recues", cookies.waited_for),
        Target("Case page", port, f"/situations/{cookies.case_id}", cookies.author),
        Target("Case page, 3,000 words, 40 notes", port, f"/situations/{cookies.noted_id}", cookies.author),
        Target("Two versions of 60 articles compared", port, texts.PAGE),
        Target(
            "Own search, a word that 1,000 lack",
            port,
            "/situations/retrouver",
            cookies.author,
            {"words": "introuvable", "csrf_token": cookies.token},
        ),
        Target(
            "Editor save",
            port,
            f"/situations/{cookies.draft_id}/brouillon",
            cookies.author,
            # The page names its saves: one whose answer did not come may be sent again, and is no conflict.
            {**cookies.form, "revision": "1", "attempts": "77", "csrf_token": cookies.token},
            partial=True,
        ),
    ]


def costs(app: Flask, targets: list[Target]) -> dict[str, tuple[int, int]]:
    """Statements and bytes of each page."""
    seen: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *event: seen.append(event[2]))
    found = {}
    for target in targets:
        name, _, value = target.cookie.partition("=")
        client = FreshClient(app, use_cookies=True)
        client.set_cookie(name or "none", value)
        seen.clear()
        headers = {"HX-Request": "true"} if target.partial else {}
        method = "GET" if target.form is None else "POST"
        answer = client.open(target.path, method=method, data=target.form, headers=headers, token=False)
        if answer.status_code != 200:
            raise RuntimeError(f"{target.name}: {answer.status}")
        found[target.name] = len([s for s in seen if not s.startswith("BEGIN")]), len(answer.data)
    declare(only_reading=False)
    return found


@contextlib.contextmanager
def both_servers(variables: dict[str, str], folder: Path) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    with contextlib.ExitStack() as exits:
        ours = exits.enter_context(serving("wsgi:app", variables, folder / "ours.log"))
        bare = exits.enter_context(serving("tests.bench.bare:app", variables, folder / "bare.log"))
        yield ours, bare


# --- what is said of it -----------------------------------------------------------------------------------------------


def table(result: Result) -> str:
    rows = [row(page) for page in result.pages]
    rows.append(f"| {BARE} | 1 | {absolute(result.bare.measured)} | 3 | – |")
    ratio, sent, bare = result.mails
    held, bare_held = result.memory
    return "\n".join(
        [
            f"## {result.database}",
            "",
            "| Page | Ratio to the bare page | requests/s | p50 ms | p99 ms | statements | HTML |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"Mails: **{ratio:.2f}** of a bare SMTP loop on one connection "
            f"(aim ≥ {AIMS['Mails']}; {sent:.0f} beside {bare:.0f} a second).",
            "",
            f"Web with two workers: **{held.proportional} MiB** (aim ≤ {MEMORY_AIM}), shared pages counted once; "
            f"{held.resident} MiB as the sum of its processes. The bare page's: {bare_held.proportional} and "
            f"{bare_held.resident}.",
        ]
    )


def row(page: Page) -> str:
    ratio = f"**{page.found.ratio:.2f}**"
    aim = f" (aim ≥ {AIMS[page.name]})" if page.name in AIMS else ""
    size = f"{page.size / 1000:.1f} kB"
    return f"| {page.name} | {ratio}{aim} | {absolute(page.found.measured)} | {page.statements} | {size} |"


def absolute(found: Measured) -> str:
    return f"{found.per_second:.0f} | {found.percentile(0.5):.1f} | {found.percentile(0.99):.1f}"


def write(report: str, wanted: argparse.Namespace) -> None:
    file = ROOT / "docs" / "benchmarks.md"
    head, _, _ = file.read_text().partition("<!-- measured -->")
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    day = datetime.now(UTC).date().isoformat()
    turns = f"{wanted.rounds} rounds of {wanted.seconds:g} s, {load.CONNECTIONS} connections"
    file.write_text(f"{head}<!-- measured -->\nMeasured on {day}: {machine}; {turns}.\n\n{report}\n")


if __name__ == "__main__":
    main()

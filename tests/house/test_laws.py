"""The laws of the house, read from the code itself. Each finds a planted breach before it is believed."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Date, DateTime

from supervision import COMPOSERS, WORDS
from supervision.db import Base, Instant

ROOT = Path(__file__).resolve().parents[2]
OURS = ("supervision", "worker")
EDGES = {"routes.py", "writing.py", "current.py", "confirmation.py", "cli.py", "tasks.py", "delivery.py"}
# doors: the request's one commit. master_keys: a rotation is done in steps that an interruption cannot undo.
MAY_COMMIT = EDGES | {"doors.py", "master_keys.py", "submission.py", "supervision/db.py"}
SHARED_BY_DOORS = {"doors.py", "page.py", "submission.py"}
# __init__: the check before a process serves. filters: « il y a 3 jours ». backup: the name of its file.
MAY_READ_THE_CLOCK = EDGES | SHARED_BY_DOORS | {"supervision/__init__.py", "filters.py", "backup.py"}
SMALL_ENOUGH = 400  # lines


def sources(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def short(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def is_one_of(file: Path, names: set[str]) -> bool:
    return any(f"/{short(file)}".endswith(f"/{name}") for name in names)


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every call as written, « db.session.commit », with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


# --- laws 1 to 3: imports ---------------------------------------------------------------------------------------------

BREACHES = {
    "a room looks up": ("people/rules.py", "import supervision.sign_in.rules", "Rooms import downwards"),
    "a room looks up through another": ("people/rules.py", "from supervision import home", "Rooms import downwards"),
    "two subjects meet": ("deontology/rules.py", "import supervision.cases.rules", "Rooms import downwards"),
    "the ground looks up": ("clock.py", "import supervision.outbox.rules", "Rooms import downwards"),
    "a room without a place": ("nowhere/__init__.py", "", "Rooms import downwards"),
    "a room opens a door": ("home/queries.py", "import supervision.cases.routes", "Only the factory knows the doors"),
    "a room builds the application": ("cases/rules.py", "from supervision import create_app", "Only a process knows"),
    "a rule meets Flask": ("cases/rules.py", "import flask", "never imports Flask"),
    "a query speaks French": ("cases/queries.py", "from flask_babel import gettext", "never imports Flask"),
    "a room sends a task": ("cases/actions.py", "import celery", "does not know the worker"),
    "a room knows the worker": ("cases/actions.py", "import worker.tasks", "does not know the worker"),
}


def lint_imports(folder: Path) -> str:
    program = "from importlinter.cli import lint_imports_command as laws; laws()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house, to be spoiled."""
    folder = tmp_path_factory.mktemp("copy")
    for package in OURS:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "config.py"):
        shutil.copy(ROOT / file, folder)
    return folder


def test_todays_imports_keep_the_contracts(copy: Path) -> None:
    assert "0 broken" in lint_imports(copy)


@pytest.mark.parametrize("name", BREACHES)
def test_the_contracts_of_imports_find_a_planted_breach(copy: Path, name: str) -> None:
    place, line, contract = BREACHES[name]
    file = copy / "supervision" / place
    before = file.read_text() if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        verdict = lint_imports(copy)
    finally:
        shutil.rmtree(file.parent) if before is None else file.write_text(before)
    assert any(contract in row and "BROKEN" in row for row in verdict.splitlines())


def test_the_settings_import_nothing_of_ours() -> None:
    imported = {name for name, _ in imports(ast.parse((ROOT / "config.py").read_text()))}
    assert not {name for name in imported if name.split(".")[0] in OURS}


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node


# --- law 4: no hidden import, one commit at the edge ------------------------------------------------------------------


def hidden_imports(tree: ast.AST) -> list[int]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    return [node.lineno for outer in ast.walk(tree) if isinstance(outer, functions) for _, node in imports(outer)]  # type: ignore[attr-defined]


def test_no_import_hides_inside_a_function() -> None:
    bait = "def late():\n    import this\n"
    found = [f"{short(f)}:{line}" for f in sources(*OURS) for line in hidden_imports(ast.parse(f.read_text()))]
    assert (found, hidden_imports(ast.parse(bait))) == ([], [2])


def commits(tree: ast.AST) -> list[int]:
    return [line for name, line in calls(tree) if name == "commit" or name.endswith("session.commit")]


def test_only_edges_commit() -> None:
    inside = [file for file in sources(*OURS) if not is_one_of(file, MAY_COMMIT)]
    found = [f"{short(file)}:{line}" for file in inside for line in commits(ast.parse(file.read_text()))]
    assert (found, commits(ast.parse("db.session.commit()\ncommit()"))) == ([], [1, 2])


def test_a_door_commits_once_and_never_inside_a_loop() -> None:
    doors = [file for file in sources("supervision") if is_one_of(file, {"routes.py", "writing.py"})]
    loops = [
        f"{short(file)}:{loop.lineno}"
        for file in doors
        for loop in ast.walk(ast.parse(file.read_text()))
        if isinstance(loop, ast.For | ast.While) and commits(loop)
    ]
    assert loops == []


# --- law 5: time ------------------------------------------------------------------------------------------------------

CLOCKS = ("clock.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")


def clock_readings(tree: ast.AST) -> list[tuple[str, int]]:
    return [(name, line) for name, line in calls(tree) if name.endswith(CLOCKS)]


def test_only_edges_read_the_clock_and_only_the_clock_reads_the_time() -> None:
    bait = clock_readings(ast.parse("clock.now()\ndatetime.datetime.now(UTC)"))
    found = [
        f"{short(file)}:{line} {name}"
        for file in sources(*OURS)
        if short(file) != "supervision/clock.py"
        for name, line in clock_readings(ast.parse(file.read_text()))
        if name != "clock.now" or not is_one_of(file, MAY_READ_THE_CLOCK)
    ]
    assert (found, len(bait)) == ([], 2)


def naive_datetimes(tree: ast.AST) -> list[int]:
    """Constructed without a zone, or stripped of it."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, named = ast.unparse(node.func), {keyword.arg: keyword.value for keyword in node.keywords}
        is_built = name in {"datetime", "datetime.datetime"} and len(node.args) < 8 and "tzinfo" not in named
        zone = named.get("tzinfo")
        if is_built or (isinstance(zone, ast.Constant) and zone.value is None):
            found.append(node.lineno)
    return found


def test_no_naive_datetime_is_made() -> None:
    bait = "datetime(2026, 1, 1)\nnow.replace(tzinfo=None)\ndatetime(2026, 1, 1, tzinfo=UTC)"
    found = [f"{short(f)}:{line}" for f in sources(*OURS) for line in naive_datetimes(ast.parse(f.read_text()))]
    assert (found, naive_datetimes(ast.parse(bait))) == ([], [1, 2])


def test_instants_end_in_at_and_days_in_on_and_nothing_else_does() -> None:
    columns = {f"{table}.{column.name}": column.type for table, of in tables() for column in of.columns}
    instants = {name for name, kind in columns.items() if isinstance(kind, Instant)}
    days = {name for name, kind in columns.items() if isinstance(kind, Date)}
    bare = {name for name, kind in columns.items() if isinstance(kind, DateTime)}
    # A line of the record and a beat are simply « when »; a claim is spoken of as « claimed until ».
    others = {"audit_entry.at", "heartbeat.at", "outbox_mail.claimed_until", "break_glass.until"}
    assert instants - others == {name for name in columns if name.endswith("_at")}
    assert days == {name for name in columns if name.endswith("_on")}
    assert bare == set()


def tables() -> list[tuple[str, object]]:
    return sorted(Base.metadata.tables.items())


# --- law 7: a fact is a row with who and when -------------------------------------------------------------------------

# Columns for which nobody will ever ask « since when? »: a setting, whose changes are in the record, and a part of an
# assignment that has its own date.
YES_OR_NO = {
    "association.accepts_attachments",
    "case_assignment.for_this_case",
    "text_kind.is_public",
    "text_kind.has_consequences",
}


def test_no_column_answers_yes_or_no() -> None:
    found = {f"{table}.{c.name}" for table, of in tables() for c in of.columns if isinstance(c.type, Boolean)}
    assert found == YES_OR_NO


# --- habits -----------------------------------------------------------------------------------------------------------


def test_files_stay_small_enough_to_be_read() -> None:
    texts = [f for folder in ("templates", "static/css", "static/js") for f in (ROOT / folder).rglob("*.*")]
    files = [*sources(*OURS, "tests"), *(f for f in texts if f.suffix in {".html", ".txt", ".css", ".js"})]
    assert {short(f): n for f in files if (n := len(f.read_text().splitlines())) > SMALL_ENOUGH} == {}


def test_every_recorded_act_and_every_mail_has_a_name_on_the_screen() -> None:
    trees = [ast.parse(file.read_text()) for file in sources("supervision")]
    acts = {value for tree in trees for value in arguments_named(tree, "action", calls_of={"audit.record"})}
    reasons = {value for tree in trees for value in first_arguments(tree, "NoLongerTrue")}
    assert acts <= set(WORDS["recorded_acts"])
    assert reasons == set(WORDS["skip_reasons"])
    assert set(COMPOSERS) == set(WORDS["mail_kinds"])


def arguments_named(tree: ast.AST, name: str, *, calls_of: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in calls_of:
            values = [keyword.value for keyword in node.keywords if keyword.arg == name]
            yield from (value.value for value in values if isinstance(value, ast.Constant))


def first_arguments(tree: ast.AST, function: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function and node.args:
            yield ast.literal_eval(node.args[0])

"""The worker's own process: its tasks, its timetable, and what it says when something breaks."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from supervision import crypto

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, sys
import worker.app, worker.tasks
from supervision.outbox import delivery
from worker.timetable import TIMETABLE

def burst(*_args, **_options):
    raise RuntimeError("MARKER words of a person")

worker.tasks.deliver_batch = worker.tasks.reminders.plan = worker.tasks.outbox.beat = worker.tasks.sign_in.tidy = burst
worker.tasks.kept.due_for_purge = burst
for name in ("worker.deliver", "worker.plan", "worker.heartbeat", "worker.tidy", "worker.purge"):
    worker.app.celery.tasks[name].apply(throw=True)
conf = worker.app.celery.conf
print(json.dumps({
    "registered": sorted(name for name in worker.app.celery.tasks if name.startswith("worker.")),
    "timetable": sorted(entry["task"] for entry in TIMETABLE.values()),
    "no_eta": [name for name, entry in TIMETABLE.items() if {"eta", "countdown"} & set(entry["options"])],
    "heavy": sorted({"alembic", "flask_migrate", "playwright"} & set(sys.modules)),
    "conf": [conf.task_acks_late, conf.task_ignore_result, conf.worker_hijack_root_logger],
}))
"""


def in_a_process(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    crypto.write_key_file(folder / "master.keys", {1: crypto.new_key()})
    env = {**os.environ, "APP_ENV": "test", "INSTANCE_DIR": str(folder), "LOG_LEVEL": "DEBUG"}
    for name in ("DATABASE_URL", "REDIS_URL", "MASTER_KEY_FILE"):
        env.pop(name, None)
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True
    )


@pytest.mark.slow
def test_the_timetable_names_real_tasks_and_a_broken_task_keeps_its_words(tmp_path: Path) -> None:
    done = in_a_process(PROGRAM, tmp_path)
    assert json.loads(done.stdout) == {
        "registered": ["worker.deliver", "worker.heartbeat", "worker.plan", "worker.purge", "worker.tidy"],
        "timetable": ["worker.deliver", "worker.heartbeat", "worker.plan", "worker.purge", "worker.tidy"],
        "no_eta": [],
        "heavy": [],  # what only the command line needs is in nobody else's memory
        "conf": [True, True, False],
    }
    failures = [json.loads(line) for line in done.stderr.splitlines() if "a task failed" in line]
    assert [failure["exception"] for failure in failures] == ["builtins.RuntimeError"] * 5
    assert "MARKER" not in done.stderr


PURGE = """
import json, sys
import worker.app, worker.tasks

done, cases = [], ["one", "two", "three"]

def destroy(*, case_id, now):
    if case_id == "two":
        raise RuntimeError("MARKER words of a person")
    done.append(case_id)

worker.tasks.kept.due_for_purge = lambda now: cases
worker.tasks.retention.purge_if_due = destroy
worker.app.celery.tasks["worker.purge"].apply(throw=True)
print(json.dumps(done))
"""


@pytest.mark.slow
def test_a_case_that_cannot_be_purged_does_not_keep_the_others_and_is_told_without_words(tmp_path: Path) -> None:
    done = in_a_process(PURGE, tmp_path)
    assert json.loads(done.stdout) == ["one", "three"]
    told = [json.loads(line) for line in done.stderr.splitlines() if "could not be purged" in line]
    assert [(line["case_id"], line["exception"]) for line in told] == [("two", "builtins.RuntimeError")]
    assert "MARKER" not in done.stderr


def test_nothing_in_the_application_imports_the_worker_or_its_queue() -> None:
    files = [*(ROOT / "supervision").rglob("*.py"), ROOT / "config.py"]
    guilty = [file.name for file in files if imported_by(file) & {"celery", "kombu", "redis", "worker"}]
    assert guilty == []
    assert "celery" in imported_by(ROOT / "worker" / "queue.py")  # the bait


def imported_by(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names

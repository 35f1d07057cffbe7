"""`run.py` leaves nothing behind, says what is wrong before it starts, and installs only when the lock changed."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")


# --- the supervisor ---------------------------------------------------------------------------------------------------

# A part that has a child of its own, as the web server has; it writes both process ids, its child's first.
PART = """
import os, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "a").write(f"{child.pid} {os.getpid()} ")
"""
SUPERVISE = """
import os, signal, sys, run
for name in ("SIGHUP", "SIGINT"):  # a suite that nohup or a script's & has started ignores them, and its children too
    signal.signal(getattr(signal, name), signal.default_int_handler)
steady, frail, file, patience = sys.argv[1:]
run.PATIENCE = float(patience)
commands = {"steady": [sys.executable, "-c", steady, file], "frail": [sys.executable, "-c", frail, file]}
sys.exit(run.supervise(commands, dict(os.environ), ready=lambda: True, greeting="welcome"))
"""
SLEEP = "time.sleep(60)"
DIE = "time.sleep(0.3); print('out of paper'); sys.exit(7)"
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


class Supervised:
    """A supervisor over two parts, in a process of its own."""

    def __init__(self, folder: Path, frail: str, patience: float) -> None:
        self.file = folder / "pids"
        command = [sys.executable, "-c", SUPERVISE, PART + SLEEP, PART + frail, str(self.file), str(patience)]
        output, errors = subprocess.PIPE, subprocess.STDOUT
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=output, stderr=errors)
        assert eventually(lambda: len(self.pids()) == 4)

    def pids(self) -> list[int]:
        return [int(pid) for pid in self.file.read_text().split()] if self.file.exists() else []

    def ends(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, output

    def alive(self) -> list[int]:
        return [pid for pid in self.pids() if is_alive(pid)]

    def clear(self) -> None:
        for pid in [self.process.pid, *self.alive()]:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def is_alive(pid: int) -> bool:
    """A zombie, which only its parent can bury, is not alive."""
    status = Path(f"/proc/{pid}/stat")
    if sys.platform == "linux":
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 0


def eventually(happens: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happens()


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def begin(frail: str, patience: float = run.PATIENCE) -> Supervised:
        made.append(Supervised(tmp_path, frail, patience))
        return made[-1]

    yield begin
    for supervised in made:
        supervised.clear()


@posix
def test_when_a_part_dies_everything_stops_and_says_which_and_why(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(DIE)
    status, output = supervised.ends()
    assert (status, supervised.alive()) == (1, [])
    assert "frail ended by itself, exit code 7. It said last:\n    out of paper\n" in output


@posix
@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_quietly(supervise: Callable[..., Supervised], word: signal.Signals) -> None:
    supervised = supervise(SLEEP)
    supervised.process.send_signal(word)
    status, output = supervised.ends()
    assert (status, supervised.alive()) == (0, [])
    assert output.splitlines()[-1] == "prisme | Stopping"


@posix
@pytest.mark.slow
def test_a_part_that_will_not_stop_is_ended_when_patience_is_over(supervise: Callable[..., Supervised]) -> None:
    assert run.PATIENCE == 8
    supervised = supervise(STUBBORN, patience=1.5)
    time.sleep(0.5)  # until it has closed its ears
    asked = time.monotonic()
    supervised.process.send_signal(signal.SIGTERM)
    supervised.ends()
    assert supervised.alive() == []
    assert 1.4 < time.monotonic() - asked < 5


@linux
def test_a_supervisor_killed_outright_leaves_no_part_running(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(SLEEP)
    parts = supervised.pids()[1::2]  # their own children are theirs to stop
    supervised.process.kill()
    assert eventually(lambda: not any(is_alive(pid) for pid in parts))


# --- what is checked before anything starts ---------------------------------------------------------------------------


def test_a_taken_port_is_named_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(run.Stop, match=r"Port \d+ is taken"):
            run.wanted_port()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(run.Stop, match="between 1 and 65535"):
        run.wanted_port()


def test_run_py_does_not_serve_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    with pytest.raises(run.Stop, match=r"docs/running\.md"):
        run.refuse_production()


@posix
def test_two_supervisors_on_one_folder_would_be_two_beats(tmp_path: Path) -> None:
    with run.alone_in(tmp_path), pytest.raises(run.Stop, match="already runs"), run.alone_in(tmp_path):
        pass


@posix
def test_the_instance_folder_and_its_secret_are_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "instance"))
    secret = run.instance_folder() / "secret.key"
    run.write_secret(secret)
    first = secret.read_text()
    run.write_secret(secret)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (secret.parent, secret)] == [0o700, 0o600]
    assert secret.read_text() == first
    assert len(first) >= 32


def test_what_the_environment_says_goes_before_the_development_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://prisme.example")
    monkeypatch.delenv("APP_ENV", raising=False)
    told = run.development(8000)
    assert (told["PUBLIC_URL"], told["APP_ENV"]) == ("http://prisme.example", "development")


# --- the environment --------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The locks that were installed, in a house of its own where installing is only pretended."""
    done: list[str] = []
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "DEPS", tmp_path / ".deps")
    for lock in (run.LOCK, run.DEVELOPMENT_LOCK):
        (tmp_path / lock).write_text("flask==3.1.3\n")

    def pretend(lock: str) -> Path:
        done.append(lock)
        run.program(run.VENV).parent.mkdir(parents=True, exist_ok=True)
        run.program(run.VENV).touch()
        return run.VENV

    monkeypatch.setattr(run, "install", pretend)
    return done


def test_a_second_start_installs_nothing(installed: list[str]) -> None:
    run.environment(run.LOCK)
    run.environment(run.LOCK)
    assert installed == [run.LOCK]


def test_a_changed_lock_is_installed_again(installed: list[str]) -> None:
    run.environment(run.LOCK)
    (run.ROOT / run.LOCK).write_text("flask==3.1.4\n")
    run.environment(run.LOCK)
    assert installed == [run.LOCK, run.LOCK]


def test_an_environment_made_for_the_tests_also_serves_and_not_the_other_way_round(installed: list[str]) -> None:
    run.environment(run.LOCK)
    run.environment(run.DEVELOPMENT_LOCK)
    run.environment(run.LOCK)
    assert installed == [run.LOCK, run.DEVELOPMENT_LOCK]


def test_a_python_that_can_install_nothing_names_the_package_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "has", lambda module: False)
    monkeypatch.setattr(run, "works", lambda command: False)
    with pytest.raises(run.Stop, match="apt install python3-venv"):
        run.install(run.LOCK)


def test_where_no_bytecode_may_lie_beside_the_sources_it_is_kept_apart(tmp_path: Path) -> None:
    python, wish = run.Python(tmp_path), {"PYTHONDONTWRITEBYTECODE": "1"}
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode")}
    assert (python.variables(wish), python.variables({})) == (kept, {})
    subprocess.run([sys.executable, "-c", "import run"], cwd=run.ROOT, env=os.environ | kept, check=True)
    assert [file.name.split(".")[0] for file in tmp_path.rglob("run.*.pyc")] == ["run"]


# --- the commands -----------------------------------------------------------------------------------------------------


def test_help_explains_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["help"]) == 0
    told = capsys.readouterr().out
    assert [name for name in ("test", "quick", "bench", "manage", "PORT", "EMPTY", "VERBOSE") if name not in told] == []


def test_an_unknown_command_is_explained_and_fails() -> None:
    assert run.main(["serv"]) == 2


REPORT = '<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/></testsuites>'


def test_the_closing_line_counts_what_pytest_reported(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    assert run.count(tmp_path / "report.xml") == "tests: 4 passed, 3 failed, 3 skipped"


def test_a_run_without_a_report_counts_as_a_failure(tmp_path: Path) -> None:
    assert run.count(tmp_path / "report.xml") == "tests: 0 passed, 1 failed, 0 skipped"

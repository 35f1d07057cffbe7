#!/usr/bin/env python3
"""Prisme on this machine, from a fresh clone, with nothing but Python 3.11 or newer.

    python3 run.py               start the platform; Ctrl-C stops it
    python3 run.py test [...]    everything CI checks; what follows goes to pytest
    python3 run.py quick [...]   the checks that take seconds: no browser, no service
    python3 run.py bench [...]   speed, beside a bare Flask page and a bare SMTP loop
    python3 run.py manage ...    a command of the application, such as `manage db upgrade`
    python3 run.py translate     bring the catalogues in line with the strings; docs/translating.md
    python3 run.py lock          write the lock files anew after pyproject.toml has changed; needs uv
    python3 run.py help          this text

    PORT=8001       serve on another port
    EMPTY=1         no demo association: the first page creates yours
    VERBOSE=1       show everything the parts say, not only warnings
    SMTP_URL=...    send real mail instead of keeping it on this machine

Standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
DEPS = ROOT / ".deps"  # where a Python without venv keeps its packages
LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"  # holds all of LOCK, and the tools
WINDOWS = os.name == "nt"
PATIENCE = 8  # seconds between asking a part to stop and ending it


class Stop(Exception):
    """The work cannot go on; the message says why, to a person."""


Ready = Callable[[], bool]


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("serve", [])
    try:
        refuse_old_python()
        return COMMANDS.get(command, unknown)(rest)
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def refuse_old_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (nothing else has checked it yet)
        raise Stop(f"Prisme needs Python 3.11 or newer; this is {sys.version.split()[0]}.")


# --- the commands -----------------------------------------------------------------------------------------------------


def serve(_: list[str]) -> int:
    port = wanted_port()
    refuse_production()
    python = environment(LOCK)
    os.umask(0o077)  # the databases and the mails too are for their owner alone
    variables = python.variables(development(port))
    with alone_in(instance_folder()):
        greeting = welcome(variables, prepare(python, variables))
        return supervise(parts(python, port, variables), variables, lambda: answers(port), greeting)


def test(arguments: list[str]) -> int:
    return check([], arguments)


def quick(arguments: list[str]) -> int:
    return check(["-m", "not slow and not browser and not service"], arguments)


def bench(arguments: list[str]) -> int:
    python = environment(DEVELOPMENT_LOCK)
    compile_translations(python)
    return subprocess.run(python.module("tests.bench", *arguments), cwd=ROOT, env=python.variables()).returncode


def manage(arguments: list[str]) -> int:
    python = environment(LOCK)
    variables = python.variables(development(wanted_port(check=False)))
    return subprocess.run(python.flask(*arguments), cwd=ROOT, env=variables).returncode


def translate(_: list[str]) -> int:
    python = environment(DEVELOPMENT_LOCK)
    return subprocess.run(python.module("translations.refresh"), cwd=ROOT, env=python.variables()).returncode


def lock(_: list[str]) -> int:
    """Resolve with uv in a folder of its own, and keep only the hashed exports: no address of any index."""
    if not shutil.which("uv"):
        raise Stop("Writing the lock files needs uv: pip install uv")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "pyproject.toml", folder)
        for name, choice in ((LOCK, ["--no-dev"]), (DEVELOPMENT_LOCK, [])):
            options = ["--no-emit-project", "--no-annotate", "--no-header", "--quiet", *choice]
            subprocess.run(["uv", "export", *options, "--output-file", ROOT / name], cwd=folder, check=True)
            say(f"Wrote {name}")
    return 0


def explain(_: list[str]) -> int:
    print(__doc__)
    return 0


def unknown(_: list[str]) -> int:
    explain([])
    return 2


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "serve": serve,
    "test": test,
    "quick": quick,
    "bench": bench,
    "manage": manage,
    "translate": translate,
    "lock": lock,
    "help": explain,
    "--help": explain,
    "-h": explain,
}


# --- serving: what must be there first --------------------------------------------------------------------------------


def wanted_port(check: bool = True) -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise Stop(f"PORT is {given!r}: give a number between 1 and 65535.")
    if check and not is_free(int(given)):
        raise Stop(f"Port {given} is taken by another program. Stop it, or choose another: PORT=8001 python3 run.py")
    return int(given)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        if not WINDOWS:  # there, this option would let two programs share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def refuse_production() -> None:
    if os.environ.get("APP_ENV") == "production":
        raise Stop("run.py serves development. For production, read docs/running.md.")


def development(port: int) -> dict[str, str]:
    """The variables of every part: development defaults, beneath what the environment says."""
    level = "INFO" if is_verbose() else "WARNING"
    defaults = {"APP_ENV": "development", "PUBLIC_URL": f"http://127.0.0.1:{port}", "LOG_LEVEL": level}
    python = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore:You're running the worker"}
    return {**defaults, **python, **os.environ}


def instance_folder() -> Path:
    folder = Path(os.environ.get("INSTANCE_DIR") or ROOT / "instance").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Two supervisors on one folder would mean two beats, and every tick twice."""
    with (folder / "run.lock").open("a+") as file:
        if not takes_lock(file.fileno()):
            raise Stop(f"Prisme already runs on {folder}. Stop it, or choose another folder with INSTANCE_DIR.")
        yield


def takes_lock(file: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def prepare(python: Python, variables: dict[str, str]) -> str:
    """Make what is missing. Returns how to begin, to tell once the platform answers."""
    write_secret(instance_folder() / "secret.key")
    compile_translations(python)
    say("Preparing the database")
    wanted = [] if variables.get("EMPTY") == "1" else ["--demo"]
    return demand(python.flask("prepare", *wanted), variables)


def write_secret(file: Path) -> None:
    with contextlib.suppress(FileExistsError):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w") as secret:
            secret.write(secrets.token_urlsafe(48))
        say(f"Made {file.name}, readable by you alone")


def compile_translations(python: Python) -> None:
    catalogues = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    if any(is_newer(source, source.with_suffix(".mo")) for source in catalogues):
        say("Compiling the translations")
        demand(python.module("babel.messages.frontend", "-q", "compile", "-d", "translations"), python.variables())


def is_newer(source: Path, product: Path) -> bool:
    return not product.exists() or source.stat().st_mtime > product.stat().st_mtime


def welcome(variables: dict[str, str], first_steps: str) -> str:
    """What a person needs to begin."""
    address = variables["PUBLIC_URL"]
    mail = "" if "SMTP_URL" in os.environ else f"Its mail   {address}/dev/boite-mail\n"
    return f"\nPrisme     {address}   (Ctrl-C stops it)\n{mail}\n{first_steps}"


def answers(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True  # it answers, if not well: the page says more than we could
    except OSError:
        return False
    return True


# --- serving: the parts and their supervisor --------------------------------------------------------------------------


@dataclass
class Part:
    name: str
    process: subprocess.Popen[str]
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=15))
    listener: threading.Thread | None = None
    is_quiet: bool = False


def parts(python: Python, port: int, variables: dict[str, str]) -> dict[str, list[str]]:
    """The command line of each part. Whoever adds mail settings of their own gets no mail sink."""
    commands = {}
    if "SMTP_URL" not in os.environ:
        variables["SMTP_URL"] = f"smtp://127.0.0.1:{mail_port()}"
        commands["mail"] = python.module("worker.mailbox")
    level = variables["LOG_LEVEL"].lower()
    commands["web"] = web(python, port, level)
    commands["worker"] = celery(python, "worker", "--pool", "threads", "-c", "2", "-l", level)
    commands["beat"] = celery(python, "beat", "-s", str(instance_folder() / "beat-schedule"), "-l", level)
    return commands


def mail_port() -> int:
    if is_free(8025):
        return 8025
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def web(python: Python, port: int, level: str) -> list[str]:
    size = ("--workers", "2", "--blocking-threads", "2", "--backpressure", "64", "--workers-kill-timeout", "5")
    where = ("--host", "127.0.0.1", "--port", str(port))
    return python.module("granian", "--interface", "wsgi", *where, *size, "--log-level", level, "--no-ws", "wsgi:app")


def celery(python: Python, *arguments: str) -> list[str]:
    return python.module("celery", "-q", "-A", "worker.app:celery", *arguments)


def supervise(commands: dict[str, list[str]], variables: dict[str, str], ready: Ready, greeting: str) -> int:
    """Run all parts until one dies (1) or a person has had enough (0). Either way none is left behind."""
    running: list[Part] = []
    try:
        heed_signals()
        start_all(running, commands, variables)
        dead = first_death(running, until=ready)
        print("" if dead else greeting, flush=True)
        report(dead or first_death(running))
        return 1
    except KeyboardInterrupt:
        say("Stopping")
        return 0
    finally:
        stop(running)


def heed_signals() -> None:
    """SIGTERM and a closed terminal stop everything just as Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def start_all(running: list[Part], commands: dict[str, list[str]], variables: dict[str, str]) -> None:
    for name, command in commands.items():
        say(f"Starting {name}")
        running.append(Part(name, start(command, variables)))
    for part in running:  # threads only now: what runs between fork and exec is safe in a single thread alone
        part.listener = threading.Thread(target=listen, args=(part,), daemon=True)
        part.listener.start()


def start(command: list[str], variables: dict[str, str]) -> subprocess.Popen[str]:
    """Start a part in a session (on Windows a process group) of its own: Ctrl-C reaches the supervisor alone."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=not WINDOWS,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        preexec_fn=die_with_me(os.getpid()) if sys.platform == "linux" else None,
    )


def die_with_me(supervisor: int) -> Callable[[], None]:
    """Even `kill -9` of the supervisor leaves no orphan: Linux then sends each part a SIGTERM."""
    set_option, parent_death_signal = ctypes.CDLL(None).prctl, 1

    def tie() -> None:
        set_option(parent_death_signal, signal.SIGTERM)
        if os.getppid() != supervisor:  # it died before the tie was made
            os._exit(1)

    return tie


def listen(part: Part) -> None:
    for line in part.process.stdout or ():
        part.last_lines.append(line)
        if not part.is_quiet:
            print(f"{part.name:>6} | {line}", end="", flush=True)


def first_death(running: list[Part], until: Ready = lambda: False) -> Part | None:
    """The first part that ended, or None as soon as `until` says yes."""
    while not until():
        for part in running:
            if part.process.poll() is not None:
                return part
        time.sleep(0.2)
    return None


def report(part: Part | None) -> None:
    if part and part.listener:
        part.listener.join(timeout=1)
        lines = "".join(f"    {line}" for line in part.last_lines) or "    (nothing)\n"
        print(f"\n{part.name} ended by itself, exit code {part.process.returncode}. It said last:\n{lines}", end="")
        say("Stopping the others")


def stop(running: list[Part]) -> None:
    """Ask every part, wait, then end what is left: also the children of a part that is gone already."""
    for part in running:
        part.is_quiet = not is_verbose()
        ask_to_stop(part.process)
    with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C ends the waiting
        deadline = time.monotonic() + PATIENCE
        while any(part.process.poll() is None for part in running) and time.monotonic() < deadline:
            time.sleep(0.05)
    for part in running:
        end_group(part.process)


def ask_to_stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))


def end_group(process: subprocess.Popen[str]) -> None:
    if WINDOWS:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: the latter for an empty group
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# --- the checks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    name: str
    passed: bool
    seconds: float
    said: str = ""

    def __str__(self) -> str:
        line = f"  {self.name:<18} {'ok' if self.passed else 'FAILED':<8} {self.seconds:6.1f} s"
        return line if self.passed else f"{self.said}{line}"


def check(selection: list[str], arguments: list[str]) -> int:
    """Every stage runs, also after a failure; the inspections beside the tests, of which the first seconds and the
    last leave a core idle. The plain count comes last: CI reads the closing line.
    """
    python = environment(DEVELOPMENT_LOCK)
    compile_translations(python)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside:
        report = Path(folder) / "report.xml"
        inspected = [beside.submit(inspect, name, command, python) for name, command in inspections(python).items()]
        tested = run_tests(python, [*selection, *arguments, f"--junitxml={report}"])
        stages = [*(stage.result() for stage in inspected), tested]
        print("", *stages, count(report), sep="\n", flush=True)
    return 0 if all(stage.passed for stage in stages) else 1


def inspections(python: Python) -> dict[str, list[str]]:
    laws = "from importlinter.cli import lint_imports_command as laws; laws()"  # it cannot be run with -m
    return {
        "ruff check": python.module("ruff", "check", "--extend-exclude", DEPS.name, "."),
        "ruff format": python.module("ruff", "format", "--check", "--extend-exclude", DEPS.name, "."),
        "mypy": python.module("mypy"),
        "import laws": [python.path, "-c", laws],
    }


def inspect(name: str, command: list[str], python: Python) -> Stage:
    began = time.monotonic()
    done = run(command, python.variables())
    return Stage(name, done.returncode == 0, time.monotonic() - began, done.stdout)


def run_tests(python: Python, arguments: list[str]) -> Stage:
    say("Testing")
    began = time.monotonic()
    # In small steps: else one worker has a long test left when the other has none.
    command = python.module("pytest", "-n", "2", "--maxschedchunk", "4", "-r", "fEs", *arguments)
    status = subprocess.run(command, cwd=ROOT, env=python.variables()).returncode
    return Stage("pytest", status == 0, time.monotonic() - began)


def count(report: Path) -> str:
    """One line in the plain form that any CI understands."""
    if not report.exists():
        return "tests: 0 passed, 1 failed, 0 skipped"
    suites = xml.etree.ElementTree.parse(report).getroot().iter("testsuite")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in suites:
        totals = {key: total + int(suite.get(key, 0)) for key, total in totals.items()}
    failed = totals["failures"] + totals["errors"]
    return f"tests: {totals['tests'] - failed - totals['skipped']} passed, {failed} failed, {totals['skipped']} skipped"


# --- the environment --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Python:
    """An interpreter that finds the locked packages."""

    home: Path

    @property
    def path(self) -> str:
        return sys.executable if self.home == DEPS else str(program(self.home))

    def module(self, name: str, *arguments: str) -> list[str]:
        return [self.path, "-m", name, *arguments]

    def flask(self, *arguments: str) -> list[str]:
        return self.module("flask", "--app", "manage", *arguments)

    def variables(self, others: Mapping[str, str] = os.environ) -> dict[str, str]:
        places = [str(DEPS)] if self.home == DEPS else []
        places += [others["PYTHONPATH"]] if others.get("PYTHONPATH") else []
        return {**others, **({"PYTHONPATH": os.pathsep.join(places)} if places else {}), **self._bytecode(others)}

    def _bytecode(self, others: Mapping[str, str]) -> dict[str, str]:
        """Whoever wants no bytecode beside the sources gets it in a folder apart: without any, each of the hundreds of
        processes of a test run compiles a thousand modules before it begins.
        """
        if not others.get("PYTHONDONTWRITEBYTECODE"):
            return {}
        apart = others.get("PYTHONPYCACHEPREFIX") or str(self.home / "bytecode")
        return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": apart}


def program(home: Path) -> Path:
    return home / ("Scripts/python.exe" if WINDOWS else "bin/python")


def environment(lock: str) -> Python:
    """The interpreter with the packages of a lock file, made once and refreshed when the lock changes."""
    for home in (VENV, DEPS):
        if is_installed(home, lock):
            return Python(home)
    home = install(lock)
    stamp(home).write_text("\n".join(fingerprint(home, held) for held in holds(lock)))
    say("The environment is ready")
    return Python(home)


def is_installed(home: Path, lock: str) -> bool:
    usable = home == DEPS or program(home).exists()
    return usable and stamp(home).exists() and fingerprint(home, lock) in stamp(home).read_text().splitlines()


def stamp(home: Path) -> Path:
    return home / "installed.txt"


def holds(lock: str) -> list[str]:
    return [LOCK, DEVELOPMENT_LOCK] if lock == DEVELOPMENT_LOCK else [LOCK]


def fingerprint(home: Path, lock: str) -> str:
    """Changes with the lock file and, where no venv holds the interpreter, with the Python that runs this."""
    version = sys.implementation.cache_tag if home == DEPS else "venv"
    return f"{lock} {version} {hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()}"


def install(lock: str) -> Path:
    """Try the ways in turn, the quickest first; a way answers None where its tools are missing or fail."""
    for way in (with_uv, with_venv, with_pip_alone):
        home = way(lock)
        if home:
            return home
    raise Stop(INSTALL_FAILED if has("pip") or has("ensurepip") else NO_INSTALLER)


INSTALL_FAILED = "The packages could not be installed; the reason stands above."
NO_INSTALLER = """This Python can install nothing: it has neither venv nor pip, and there is no uv.
Install one system package, then try again:
    Debian, Ubuntu    apt install python3-venv
    Fedora            dnf install python3-pip
    Alpine            apk add py3-pip
    elsewhere         the Python of python.org brings both"""


def with_uv(lock: str) -> Path | None:
    if not works(["uv", "--version"]):
        return None
    say(f"Installing {lock} with uv")
    there = program(VENV).exists() or create(["uv", "venv", "--quiet", "--python", sys.executable, str(VENV)])
    packages = ["uv", "pip", "install", "--quiet", "--python", str(program(VENV)), "--require-hashes", "-r", lock]
    return VENV if there and attempt(packages) else None


def with_venv(lock: str) -> Path | None:
    if not (has("venv") and has("ensurepip")):
        return None
    say(f"Installing {lock} with venv and pip; the first time takes a minute or two")
    python = str(program(VENV))
    there = program(VENV).exists() or create([sys.executable, "-m", "venv", str(VENV)])
    there = there and (works([python, "-m", "pip", "--version"]) or attempt([python, "-m", "ensurepip"]))
    return VENV if there and attempt(pip(python, lock)) else None


def with_pip_alone(lock: str) -> Path | None:
    """A bare Debian has no ensurepip, and its pip may write only to a folder of ours."""
    if not has("pip"):
        return None
    say(f"Installing {lock} with pip into {DEPS.name}; the first time takes a minute or two")
    shutil.rmtree(DEPS, ignore_errors=True)
    return DEPS if attempt([*pip(sys.executable, lock), "--target", str(DEPS)]) else None


def pip(python: str, lock: str) -> list[str]:
    quietly = ["--quiet", "--no-input", "--disable-pip-version-check"]
    return [python, "-m", "pip", "install", *quietly, "--require-hashes", "-r", lock]


def create(command: list[str]) -> bool:
    shutil.rmtree(VENV, ignore_errors=True)  # half an environment, or one whose Python is gone
    return attempt(command)


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


# --- running and telling ----------------------------------------------------------------------------------------------


def say(sentence: str) -> None:
    print(f"prisme | {sentence}", flush=True)


def is_verbose() -> bool:
    return os.environ.get("VERBOSE") == "1"


def run(
    command: Sequence[str], variables: dict[str, str] | None = None, errors: int = subprocess.STDOUT
) -> subprocess.CompletedProcess[str]:
    """What is said on standard error stands among the rest unless it is asked for apart."""
    return subprocess.run(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", errors="replace"
    )


def works(command: Sequence[str]) -> bool:
    try:
        return run(command).returncode == 0
    except OSError:
        return False


def attempt(command: Sequence[str]) -> bool:
    done = run(command)
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-15:]), flush=True)
    return done.returncode == 0


def demand(command: Sequence[str], variables: dict[str, str]) -> str:
    """What the command printed, without its log; or a stop that shows both."""
    done = run(command, variables, subprocess.PIPE)
    if done.returncode:
        raise Stop(f"This step failed:\n{(done.stdout + done.stderr).strip()}")
    if is_verbose():
        print(done.stderr, end="", flush=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

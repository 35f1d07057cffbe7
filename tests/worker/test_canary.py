"""No word of a case leaves its seal: searched for in the database, the queue, the logs and the mails of real processes.

Every field of a case holds a word that stands nowhere else. After the whole path through the real web server and the
real worker, none of these words is found anywhere; the baits, planted in plain places, are found: the search can see.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

import config
from supervision import create_app, crypto
from supervision.db import db
from supervision.demo import association as demo
from supervision.people import queries as people
from tests import desk, services
from tests.conftest import database_url, fill_with_cast, migrate
from tests.services import Missing, free_port
from tests.sink import Sink, listening
from tests.worker.browsing import Browser

ROOT = Path(__file__).resolve().parents[2]
WORDS: list[str] = []  # every marker that was typed into a case


def word(place: str) -> str:
    WORDS.append(f"CANARY{place.replace('_', '')}{secrets.token_hex(4)}")
    return WORDS[-1]


def marked(form: dict[str, Any], place: str) -> dict[str, Any]:
    """The form with a word of its own in every text."""
    choices = ("frame_ethics", "supervisor", "revision", *desk.GUARANTEES)
    return {name: value if name in choices else word(place + name) for name, value in form.items()}


# --- what runs --------------------------------------------------------------------------------------------------------


@dataclass
class Running:
    address: str
    env: dict[str, str]
    folder: Path
    sink: Sink
    queue: Callable[[], bytes]  # all that ever went through it
    supervisor: Any

    def logs(self) -> bytes:
        return b"".join(file.read_bytes() for file in sorted(self.folder.glob("*.log")))


@pytest.fixture(params=["sqlite and the embedded broker", "postgresql and redis"])
def running(request: pytest.FixtureRequest, tmp_path: Path, shared: Path, worker_id: str) -> Iterator[Running]:
    WORDS.clear()
    sink, port = Sink(), free_port()
    with ExitStack() as exits:
        kind = request.param.split()[0]
        url = exits.enter_context(database_url(kind, tmp_path, shared, f"canary_{worker_id}_{secrets.token_hex(4)}"))
        broker, queue = exits.enter_context(embedded(tmp_path) if kind == "sqlite" else redis(shared))
        env = {
            **{name: value for name, value in os.environ.items() if name not in {"MASTER_KEY_FILE", "REDIS_URL"}},
            **broker,
            "APP_ENV": "development",
            "INSTANCE_DIR": str(tmp_path),
            "DATABASE_URL": url,
            "SMTP_URL": exits.enter_context(listening(sink, free_port())),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": secrets.token_hex(24),
            "LOG_LEVEL": "DEBUG",
        }
        supervisor = prepare(env)
        exits.enter_context(
            process(tmp_path, env, "web", "granian", "--interface", "wsgi", "--port", str(port), "wsgi:app")
        )
        worker = ("celery", "-A", "worker.app:celery", "worker", "--pool", "threads", "-c", "2", "-l", "DEBUG")
        exits.enter_context(process(tmp_path, env, "worker", *worker))
        until(lambda: answers(port), 40)
        until(lambda: b"ready" in (tmp_path / "worker.log").read_bytes(), 40)
        yield Running(f"http://127.0.0.1:{port}", env, tmp_path, sink, queue, supervisor)


def prepare(env: dict[str, str]) -> Any:
    """Migrate and fill the database; Ana's name is the bait of the plain columns and of the mails."""
    settings = config.from_environment(env)
    crypto.write_key_file(settings.master_key_file, {1: crypto.new_key()})
    app = create_app(settings)
    with app.app_context():
        migrate(app)
        fill_with_cast()
        ana, sam = (people.person_by_email(demo.email_of(key)) for key in ("ana", "sam"))
        assert ana
        ana.display_name = "CANARYplainbait"
        db.session.commit()
        db.engine.dispose()
    return sam


@contextmanager
def process(folder: Path, env: dict[str, str], name: str, *command: str) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        run = [sys.executable, "-m", *command]
        running = subprocess.Popen(run, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            end(running)


def end(running: subprocess.Popen[bytes]) -> None:
    """With its children, and only them: each has a session of its own."""
    running.terminate()
    try:
        running.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


@contextmanager
def embedded(folder: Path) -> Iterator[tuple[dict[str, str], Callable[[], bytes]]]:
    """Its file keeps every message it ever carried."""
    yield {}, lambda: b"".join(file.read_bytes() for file in folder.glob("broker.db*"))


@contextmanager
def redis(shared: Path) -> Iterator[tuple[dict[str, str], Callable[[], bytes]]]:
    """All that clients say to it is recorded: the worker takes messages out as soon as they are in."""
    found = services.redis(shared)
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    with found as server, socket.create_connection(address_of(server.address)) as monitor:
        monitor.sendall(b"MONITOR\r\n")
        said = bytearray()
        threading.Thread(target=listen, args=(monitor, said), daemon=True).start()
        yield {"REDIS_URL": server.database()}, lambda: bytes(said)


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.rpartition("/")[2].partition(":")
    return host, int(port)


def listen(monitor: socket.socket, said: bytearray) -> None:
    try:
        while heard := monitor.recv(65536):
            said.extend(heard)
    except OSError:
        return


def answers(port: int) -> bool:
    try:
        return Browser(f"http://127.0.0.1:{port}").get("/healthz").status == 200
    except OSError:
        return False


def until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


# --- the search -------------------------------------------------------------------------------------------------------


def writings(marker: str) -> list[bytes]:
    """How a word may stand in a file: plain, in hexadecimal, in UTF-16, in base64 at any of three offsets."""
    plain = marker.encode()
    coded = [base64.b64encode(b"x" * n + plain)[-(-8 * n // 6) : 8 * (n + len(plain)) // 6] for n in range(3)]
    return [plain, plain.hex().encode(), marker.encode("utf-16-le"), *coded]


def holds(content: bytes, marker: str) -> bool:
    return any(writing in content for writing in writings(marker))


def whole_database(url: str) -> bytes:
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(part.read_bytes() for part in file.parent.glob(file.name + "*"))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(dump(connection, table) for (table,) in tables)


def dump(connection: psycopg.Connection[Any], table: str) -> bytes:
    copied = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        return b"".join(bytes(part) for part in copy)


@pytest.mark.parametrize("text", ["a CANARYx b", base64.b64encode(b"yes CANARYx").decode(), b"CANARYx".hex()])
def test_the_search_sees_a_word_however_it_is_written(text: str) -> None:
    assert [holds(text.encode(), "CANARYx"), holds(text.encode(), "CANERYx")] == [True, False]


# --- the path ---------------------------------------------------------------------------------------------------------


def walk(running: Running) -> None:
    """Everything a case goes through, the wrong turns included."""
    ana, sam = Browser(running.address), Browser(running.address)
    for browser, who in ((ana, "ana"), (sam, "sam")):
        assert browser.sign_in(demo.email_of(who), demo.PASSWORD).url == f"{running.address}/"
    page = ana.get("/situations")
    key = re.search(r'name="creation_key" value="([^"]+)"', page.text)
    assert key
    case = ana.post("/situations/nouvelle", {"creation_key": key[1]}).url.removeprefix(running.address)
    case = case.removesuffix("/brouillon")
    write(ana, case, running)
    mails(running, 1)  # else the feedback is out before the mail that asks for it, which is then skipped
    assert sam.get(case).status == 200
    feed_back(sam, case)
    mails(running, 2)
    assert "CANARYfeedbackheard" in ana.get(case).text
    answered = ana.post(f"{case}/reponse", marked(desk.ANSWER, "answer"))
    assert "CANARYanswertried" in answered.text
    assert "CANARYanswertried" in sam.get(case).text
    mails(running, 3)


def mails(running: Running, count: int) -> None:
    """Wait for the worker, which the bell wakes; the sweep of a beat is not running here."""
    until(lambda: len(running.sink.received) >= count, 45)


def write(ana: Browser, case: str, running: Running) -> None:
    door = f"{case}/brouillon"

    def form(place: str, revision: int, **changes: Any) -> dict[str, Any]:
        return {**marked(desk.situation_form(running.supervisor, revision), place), **changes}

    expected = [
        (form("draft", 1), 200, {"HX-Request": "true"}),
        (form("late", 1), 409, {"HX-Request": "true"}),
        (form("late", 1), 409, {}),
        (form("long", 2, title=word("overlong") * 20), 422, {}),
        (form("stale", 2, csrf_token="stale"), 400, {}),
        (form("huge", 2, account=word("huge") * 200_000), 413, {}),
        (form("lacking", 2, protection="", then="submit"), 422, {}),
    ]
    for sent, status, headers in expected:
        ana.get(door)
        assert ana.post(door, sent, **headers).status == status
    stranger = Browser(running.address)
    stranger.get("/connexion")
    assert stranger.post(door, form("stranger", 2)).status == 401
    ana.get(door)
    submitted = ana.post(door, form("situation", 3, then="submit"))
    assert (submitted.status, "CANARYsituationaccount" in submitted.text) == (200, True)


def feed_back(sam: Browser, case: str) -> None:
    door = f"{case}/retour"
    sam.get(door)
    assert sam.post(door, {**marked(desk.FEEDBACK, "draftback"), "revision": 0}, **{"HX-Request": "true"}).status == 200
    assert sam.post(door, {**marked(desk.FEEDBACK, "lateback"), "revision": 0}).status == 409
    sam.get(door)
    published = sam.post(door, {**marked(desk.FEEDBACK, "feedback"), "revision": 1, "then": "publish"})
    assert (published.status, "CANARYfeedbackheard" in published.text) == (200, True)


@pytest.mark.slow
@pytest.mark.service
def test_no_word_of_a_case_is_found_anywhere(running: Running) -> None:
    walk(running)
    assert len(running.sink.received) == 3
    places = {
        "database": whole_database(running.env["DATABASE_URL"]),
        "queue": running.queue(),
        "logs": running.logs(),
        "mails": b"".join(read(message) for message in running.sink.received),
    }
    assert {(place, marker) for place, content in places.items() for marker in WORDS if holds(content, marker)} == set()
    assert len(WORDS) > 80
    baits = {
        "database": "CANARYplainbait",
        "queue": "worker.deliver",
        "logs": "CANARYlogbait",
        "mails": "CANARYplainbait",
    }
    assert {place for place, bait in baits.items() if holds(places[place], bait)} == set(places)
    people_in_logs = ["CANARYplainbait", "Sam Delcourt", "rives.example", demo.PASSWORD]
    assert [name for name in people_in_logs if holds(places["logs"], name)] == []


def read(message: Any) -> bytes:
    """As it travelled, and as it is read."""
    bodies = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return bytes(message) + "\n".join(bodies).encode()

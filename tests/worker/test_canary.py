"""No word of a case leaves its seal: searched for in the database, the queue, the logs and the mails of real processes.

Every field of a case holds a word that stands nowhere else. After the whole path through the real web server and the
real worker, none of these words is found anywhere; the baits, planted in plain places, are found: the search can see.
"""

from __future__ import annotations

import base64
import io
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
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import config
from supervision import clock, create_app, crypto
from supervision.association.queries import the_association
from supervision.db import db
from supervision.demo import association as demo
from supervision.people import actions as members
from supervision.people import queries as people
from tests import desk, services
from tests.conftest import database_url, fill_with_cast, migrate
from tests.services import Missing, free_port
from tests.sink import Sink, listening
from tests.worker.browsing import Browser
from tests.worker.referring import refer
from tests.worker.searching import holds, read, whole_database

ROOT = Path(__file__).resolve().parents[2]
CHOICES = {"frame_ethics", "follow_up_on", "outcome", "usefulness"}
QUARTER_OF_AN_HOUR = "0.0105"  # of a day: a feedback is out ten minutes after it was sent off
WORDS: list[str] = []  # every marker that was typed into a case


def word(place: str) -> str:
    WORDS.append(f"CANARY{place.replace('_', '')}{secrets.token_hex(4)}")
    return WORDS[-1]


def marked(form: dict[str, Any], place: str) -> dict[str, Any]:
    """The form with a word of its own in every text."""
    texts = {*desk.SITUATION, *desk.FEEDBACK, *desk.ANSWER} - CHOICES
    return {name: word(place + name) if name in texts else value for name, value in form.items()}


# --- what runs --------------------------------------------------------------------------------------------------------


@dataclass
class Running:
    address: str
    env: dict[str, str]
    folder: Path
    sink: Sink
    queue: Callable[[], bytes]  # all that ever went through it
    supervisor: Any
    later: Callable[[], None]  # start the processes anew, a quarter of an hour ahead

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
            "APP_ENV": "test",
            "INSTANCE_DIR": str(tmp_path),
            "DATABASE_URL": url,
            "SMTP_URL": exits.enter_context(listening(sink, free_port())),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": secrets.token_hex(24),
            "LOG_LEVEL": "DEBUG",
        }
        supervisor = prepare(env)
        parts = exits.enter_context(ExitStack())

        def start(**shift: str) -> None:
            parts.close()
            begun = (tmp_path / "worker.log").stat().st_size if (tmp_path / "worker.log").exists() else 0
            web = ("granian", "--interface", "wsgi", "--port", str(port), "wsgi:app")
            worker = ("celery", "-A", "worker.app:celery", "worker", "--pool", "threads", "-c", "2", "-l", "DEBUG")
            parts.enter_context(process(tmp_path, env | shift, "web", *web))
            parts.enter_context(process(tmp_path, env | shift, "worker", *worker))
            until(lambda: answers(port), 60)
            until(lambda: b"ready" in (tmp_path / "worker.log").read_bytes()[begun:], 60)

        start()
        later = partial(start, CLOCK_SHIFT_DAYS=QUARTER_OF_AN_HOUR)
        yield Running(f"http://127.0.0.1:{port}", env, tmp_path, sink, queue, supervisor, later)


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
        association = the_association()
        assert association
        association.accepts_attachments = True
        paul, zoe = (people.person_by_email(demo.email_of(key)) for key in ("paul", "zoe"))
        assert paul
        assert zoe
        members.grant_role(actor=None, person=zoe, role="committee", now=clock.now())
        db.session.commit()
        db.engine.dispose()
    return sam


@contextmanager
def process(folder: Path, env: dict[str, str], name: str, *command: str) -> Iterator[None]:
    with (folder / f"{name}.log").open("ab") as log:
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


@pytest.mark.parametrize("text", ["a CANARYx b", base64.b64encode(b"yes CANARYx").decode(), b"CANARYx".hex()])
def test_the_search_sees_a_word_however_it_is_written(text: str) -> None:
    assert [holds(text.encode(), "CANARYx"), holds(text.encode(), "CANERYx")] == [True, False]


# --- the path ---------------------------------------------------------------------------------------------------------


def walk(running: Running) -> None:
    """Everything a case goes through, the wrong turns included."""
    ana, sam = signed_in(running, "ana"), signed_in(running, "sam")
    page = ana.get("/situations")
    key = re.search(r'name="creation_key" value="([^"]+)"', page.text)
    assert key
    case = ana.post("/situations/nouvelle", {"creation_key": key[1]}).url.removeprefix(running.address)
    case = case.removesuffix("/brouillon")
    write(ana, case, running)
    mails(running, 1)  # else the feedback is out before the mail that asks for it, which is then skipped
    assert sam.get(case).status == 200
    supplement(running, ana, sam, case)
    feed_back(sam, case)
    assert "CANARYfeedbackheard" not in ana.get(case).text
    running.later()
    ana, sam = signed_in(running, "ana"), signed_in(running, "sam")
    assert "CANARYfeedbackheard" in ana.get(case).text
    talk(ana, sam, case)
    find_and_take_along(ana, case)
    break_the_glass(running, ana, case)
    sent = len(running.sink.received)
    refer(ana, signed_in(running, "paul"), word)
    mails(running, sent + 3)


def signed_in(running: Running, who: str) -> Browser:
    browser = Browser(running.address)
    assert browser.sign_in(demo.email_of(who), demo.PASSWORD).url == f"{running.address}/"
    return browser


def mails(running: Running, count: int) -> None:
    """Wait for the worker, which the bell wakes; the sweep of a beat is not running here."""
    until(lambda: len(running.sink.received) >= count, 45)


def press(page: Any) -> str:
    """The names that a page gave to its forms, so that pressing twice sends one."""
    found = re.search(r'name="press"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def supplement(running: Running, ana: Browser, sam: Browser, case: str) -> None:
    sam.get(case)
    asked = sam.post(f"{case}/demander-un-complement", {"text": word("asked")})
    assert "CANARYasked" in asked.text
    mails(running, 2)
    page = ana.get(case)
    assert "CANARYgiven" in ana.post(f"{case}/complement", {"text": word("given"), "press": press(page)}).text
    mails(running, 3)


def talk(ana: Browser, sam: Browser, case: str) -> None:
    """What follows a feedback: a correction, an answer, words of both sides."""
    page = sam.get(case)
    corrected = sam.post(f"{case}/retour/completer", {"correction": word("correction"), "press": press(page)})
    assert "CANARYcorrection" in corrected.text
    ana.get(case)
    assert "CANARYanswertried" in ana.post(f"{case}/reponse", marked(desk.ANSWER, "answer")).text
    for browser in (ana, sam):
        page = browser.get(case)
        assert "CANARYmessage" in browser.post(f"{case}/mot", {"message": word("message"), "press": press(page)}).text


def find_and_take_along(ana: Browser, case: str) -> None:
    """What is looked for, and what leaves as a file."""
    ana.get("/situations/retrouver")
    sought = next(marker for marker in WORDS if marker.startswith("CANARYsituationaccount"))
    assert sought in ana.post("/situations/retrouver", {"words": sought}).text
    assert "CANARYfeedbackheard" in ana.get(f"{case}/exporter/markdown").text
    assert ana.get(f"{case}/exporter/pdf").text.startswith("%PDF")


def break_the_glass(running: Running, ana: Browser, case: str) -> None:
    """Two of the committee open it, and keep it from the purge, for reasons of their own."""
    paul, zoe = signed_in(running, "paul"), signed_in(running, "zoe")
    page = paul.get("/deontologie/levees/demander")
    asked = {"reference": f"{running.address}{case}", "reason": word("reason"), "hours": 2, "press": press(page)}
    paul.post("/deontologie/levees/demander", asked)
    glass = re.search(r"/deontologie/levees/[0-9a-f-]{36}", zoe.get("/deontologie/levees").text)
    assert glass
    zoe.get(glass[0])
    assert zoe.post(f"{glass[0]}/confirmer", {}).status == 200
    assert "CANARYsituationaccount" in paul.get(case).text
    paul.get(glass[0])
    assert paul.post(f"{glass[0]}/garder", {"reason": word("hold")}).status == 200
    assert "CANARYreason" in ana.get(case).text


def picture() -> bytes:
    """With words in its metadata."""
    image, info, content = Image.new("RGB", (8, 8), "white"), PngInfo(), io.BytesIO()
    info.add_text("Author", word("metadata"))
    image.save(content, "PNG", pnginfo=info)
    return content.getvalue()


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
        (form("lacking", 3, protection="", then="submit"), 422, {}),
    ]
    for sent, status, headers in expected:
        ana.get(door)
        assert ana.post(door, sent, **headers).status == status
    stranger = Browser(running.address)
    stranger.get("/connexion")
    assert stranger.post(door, form("stranger", 2)).status == 401
    ana.get(door)
    assert any(word("file") in ana.upload(f"{case}/pieces", "piece", f"{WORDS[-1]}.png", picture()).text for _ in "12")
    ana.get(door)
    assert ana.post(door, form("situation", 4, account=NAMED.format(word("situationaccount")))).status == 200
    review(ana, case)
    page = ana.get(case)
    assert (page.status, "CANARYsituationaccount" in page.text) == (200, True)


NAMED = "Mme {} est sortie le 3 mars."


def review(ana: Browser, case: str) -> None:
    """A name is kept, for a reason in words; then the situation is submitted from the same page."""
    page = ana.get(f"{case}/relecture")
    found = re.findall(r'name="because-([0-9a-f]{12})"', page.text)
    revision = re.search(r'name="revision"[^>]*value="([0-9]+)"', page.text)
    assert found
    assert revision
    kept = {f"because-{identity}": "other" for identity in found}
    kept |= {f"words-{identity}": word("because") for identity in found}
    ana.post(f"{case}/relecture", {**kept, "revision": revision[1], "then": "submit"})


def feed_back(sam: Browser, case: str) -> None:
    door = f"{case}/retour"
    sam.get(door)
    assert sam.post(door, {**marked(desk.FEEDBACK, "draftback"), "revision": 0}, **{"HX-Request": "true"}).status == 200
    assert sam.post(door, {**marked(desk.FEEDBACK, "lateback"), "revision": 0}).status == 409
    page = sam.get(door)
    note = {"notes-0-field": "critical_moment", "notes-0-quote": quoted("situationcriticalmoment")}
    note |= {"notes-0-text": word("note"), "notes-0-id": "1"}
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page.text)
    assert seen
    sent = {**marked(desk.FEEDBACK, "feedback"), **note, "revision": 1, "seen": seen[1], "then": "publish"}
    published = sam.post(door, sent)
    assert (published.status, "CANARYfeedbackheard" in published.text) == (200, True)


def quoted(place: str) -> str:
    return next(marker for marker in reversed(WORDS) if marker.startswith(f"CANARY{place}"))


@pytest.mark.slow
@pytest.mark.service
def test_no_word_of_a_case_is_found_anywhere(running: Running) -> None:
    walk(running)
    places = {
        "database": whole_database(running.env["DATABASE_URL"]),
        "queue": running.queue(),
        "logs": running.logs(),
        "mails": b"".join(read(message) for message in running.sink.received),
    }
    assert {(place, marker) for place, content in places.items() for marker in WORDS if holds(content, marker)} == set()
    assert len(WORDS) > 140
    baits = {
        "database": "CANARYplainbait",
        "queue": "worker.deliver",
        "logs": "CANARYlogbait",
        "mails": "CANARYplainbait",
    }
    assert {place for place, bait in baits.items() if holds(places[place], bait)} == set(places)
    people_in_logs = ["CANARYplainbait", "Sam Delcourt", "rives.example", demo.PASSWORD]
    assert [name for name in people_in_logs if holds(places["logs"], name)] == []

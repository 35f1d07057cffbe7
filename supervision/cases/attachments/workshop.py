"""Cleans a file in a process of its own, so that what a hostile file does to a decoder is done to nobody else.

The web process holds keys and the texts of others; images and PDFs are read by large libraries in C. The child gets
the file, and neither the environment nor an open file of its parent. It ends after one file, and takes with it
whatever memory the file took. One file at a time in each web process: two posters at once would need twice as much.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import structlog

from supervision.cases.attachments import rules
from supervision.cases.attachments.rules import Busy, Cleaned, Damaged, FileRefused, TooComplex

PATIENCE = 25  # seconds for one file
TURN = 5  # seconds to wait for the file before: whoever waits keeps a thread from everybody else's pages
_CHILD = Path(__file__).with_name("child.py")
_one_at_a_time = threading.Lock()
log = structlog.get_logger("attachments")


def clean(data: bytes) -> Cleaned:
    """Clean one file.

    Raises:
        FileRefused: the class says why.
    """
    if not _one_at_a_time.acquire(timeout=TURN):
        raise Busy
    try:
        done = subprocess.run(_command(), input=data, capture_output=True, env=_environment(), timeout=PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise TooComplex from error
    finally:
        _one_at_a_time.release()
    if done.returncode != 0:  # ended by a limit, or by a decoder that fell over
        log.warning("cleaning-ended", code=done.returncode)
        raise TooComplex
    return _result(done.stdout)


def _command() -> list[str]:
    return [sys.executable, "-I", str(_CHILD), os.pathsep.join(path for path in sys.path if path)]


def _environment() -> dict[str, str]:
    """Nothing but what Windows needs to start a program at all."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


def _result(said: bytes) -> Cleaned:
    line, _, content = said.partition(b"\n")
    try:
        words = json.loads(line)
    except ValueError as error:
        raise Damaged from error
    if "refused" in words:
        refusal: type[FileRefused] = getattr(rules, words["refused"])
        raise refusal
    return Cleaned(content, words["media_type"], words["extension"])

"""Sets a document as a PDF, in a process of its own that is ended when it takes too long or too much."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import structlog

from supervision.typesetting.document import Document

PATIENCE = 25  # seconds for one document
TURN = 20  # seconds to wait for the one before
_CHILD = Path(__file__).with_name("child.py")
_one_at_a_time = threading.Lock()
log = structlog.get_logger("export")


class NotSet(Exception):
    """The PDF could not be made now; the Markdown can."""


def pdf(document: Document) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1, in memory.

    Raises:
        NotSet: it took too long, or another one did.
    """
    if not _one_at_a_time.acquire(timeout=TURN):
        raise NotSet
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_CHILD), os.pathsep.join(path for path in sys.path if path)],
            input=json.dumps(asdict(document), ensure_ascii=False).encode(),
            capture_output=True,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise NotSet from error
    finally:
        _one_at_a_time.release()
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        log.warning("setting-ended", code=done.returncode)  # what it said may quote the text
        raise NotSet
    return done.stdout

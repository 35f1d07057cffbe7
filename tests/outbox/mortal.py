"""A delivering process that is killed again and again: `python -m tests.outbox.mortal KILLS LEASE_SECONDS`.

The application is loaded once; each life is a fork of its own that delivers like the worker does, until the parent
kills it with SIGKILL at a random moment. The last one lives until nothing waits. Prints how many were killed at work.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta

import config
from supervision import clock, create_app
from supervision.outbox import queries
from supervision.outbox.delivery import deliver


def main(kills: int, lease: timedelta) -> None:
    app = create_app(config.from_environment(os.environ))
    post = replace(app.extensions["post"], lease=lease)

    def live() -> None:
        with app.app_context():
            while queries.health(clock.now()).waiting:
                deliver(post, limit=20) or time.sleep(0.05)

    killed = sum(_killed_at_work(live, random.uniform(0.05, 0.6)) for _ in range(kills))
    os.waitpid(_born(live), 0)
    print(killed)


def _born(live: object) -> int:
    child = os.fork()
    if child == 0:
        try:
            live()  # type: ignore[operator]
        finally:
            os._exit(0)
    return child


def _killed_at_work(live: object, after: float) -> bool:
    child = _born(live)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(int(sys.argv[1]), timedelta(seconds=float(sys.argv[2])))

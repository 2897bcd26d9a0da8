"""Worker processes that end when the process that started them does, however it ended."""

import os
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread


def end_with_parent() -> None:
    """Watch the process that started this one. For the start of a worker.

    A worker waits for work by a pipe of which it holds both ends: it would wait for ever after a
    process that was killed.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)

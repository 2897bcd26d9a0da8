"""One thread and two are counted alike."""

import time
from importlib import import_module
from threading import Lock

import pytest


@pytest.fixture
def threads(benchmarks_on_path):
    return import_module("threads")


def test_two_sleepers_do_twice_as_much_as_one(threads):
    # Sleeping takes no processor, so that a busy machine can do it twice at a time.
    found = threads.two_by_one([lambda _: time.sleep(0.01)] * 2, seconds=1.0)
    assert found["two"] == pytest.approx(found["ratio"] * found["one"])
    assert 1.3 < found["ratio"] < 2.7


def test_two_that_share_a_lock_do_no_more_than_one(threads):
    lock = Lock()

    def alone(_):
        with lock:
            time.sleep(0.005)

    assert threads.two_by_one([alone, alone], seconds=1.0)["ratio"] < 1.3

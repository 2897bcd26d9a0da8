"""Evaluations of one thread and of two are counted alike. No time is asserted."""

import threading
import time
from importlib import import_module

import pytest


def test_each_function_runs_in_a_thread_of_its_own():
    threads = import_module("threads")
    seen = [set(), set()]

    def note(which):
        def function(i):
            seen[which].add((threading.get_ident(), i))
            time.sleep(0.001)

        return function

    found = threads.two_by_one([note(0), note(1)], seconds=0.25)

    assert found["ratio"] == pytest.approx(found["two"] / found["one"])
    first, second = ({ident for ident, i in calls if i > 0} for calls in seen)
    assert first
    assert second
    assert threading.get_ident() not in first | second

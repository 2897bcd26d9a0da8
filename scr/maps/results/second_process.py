"""A second process that draws while this one computes, so that two cores are busy."""

import os
import pickle
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from traceback import format_exc
from typing import IO, Any, cast

from scr.errors import ScrWarning

_DRAWS = ("scr.maps.figures.map_set", "scr.maps.figures.figure_set")
"""What the second process imports while it has nothing else to do."""

_SECONDS_TO_TIDY = 3.0
_PROGRAM = (
    "import sys; sys.path[:] = {path}; from scr.maps.results.second_process import serve; serve()"
)
_UNREADABLE = (pickle.PickleError, AttributeError, TypeError)


@dataclass(frozen=True)
class _Answer:
    """What came of a job: its result or its error, and the warnings of this package."""

    result: Any
    error: Exception | None
    warned: tuple[ScrWarning, ...]


class InThisProcess(Executor):
    """Does each job at once, where it is asked for."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do a job.

        Parameters
        ----------
        fn, args, kwargs
            A function and what it is called with. What it raises is raised here.
        """
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class _SecondProcess(Executor):
    """Sends jobs to a process, one after the other; does them here if the process is gone."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._jobs, self._answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        self._sender = ThreadPoolExecutor(1)
        self._ended = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a job done.

        Parameters
        ----------
        fn, args, kwargs
            A function of a module and what it is called with. What it raises, the result raises.
        """
        job = partial(fn, *args, **kwargs)
        try:
            sent = pickle.dumps(job)
        except _UNREADABLE:  # what cannot be sent stays here
            return self._sender.submit(job)
        return self._sender.submit(self._have_done, sent, job)

    def end(self) -> None:
        """Stop, whatever is being done."""
        self._ended = True
        self._sender.shutdown(wait=False, cancel_futures=True)
        self._process.terminate()
        try:
            self._process.wait(_SECONDS_TO_TIDY)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._sender.shutdown()
        self._answers.close()
        with suppress(OSError):  # what was not taken cannot be sent any more
            self._jobs.close()

    def _have_done(self, sent: bytes, job: Callable[[], Any]) -> Any:
        try:
            self._jobs.write(sent)
            self._jobs.flush()
            answer = pickle.load(self._answers)
        except (OSError, EOFError, *_UNREADABLE):
            if self._ended:
                raise
            # The process is gone, or what it said cannot be read. Files are written whole or not
            # at all, so that the job can be done from the start.
            return job()
        for warning in answer.warned:
            warnings.warn(warning, stacklevel=2)
        if answer.error is not None:
            raise answer.error
        return answer.result


@contextmanager
def second_process(*, wanted: bool = True) -> Iterator[Executor]:
    """A process that imports what draws and waits for jobs, ended on leaving.

    Where there is one core, or no process can be started, jobs are done in this process; and so
    are those that the second one does not answer, whatever ended it.

    Parameters
    ----------
    wanted
        False for this process in any case.

    Yields
    ------
    Executor
        Jobs are done in the order in which they were submitted. Leave only when their results are
        there; those that are not are given up.
    """
    started = _start() if wanted and (os.cpu_count() or 1) > 1 else None
    if started is None:
        yield InThisProcess()
        return
    try:
        yield started
    finally:
        started.end()


def _start() -> _SecondProcess | None:
    """A fresh Python, which imports nothing of the script that runs here.

    It is in a group of its own, so that Ctrl-C is for this process alone.
    """
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    command = [sys.executable, "-c", _PROGRAM.format(path=sys.path)]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **apart,
        )
    except OSError:
        return None
    return _SecondProcess(process)


def serve() -> None:
    """Do the jobs that come by standard input, until it ends or this process is asked to end."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        _answer_all(sys.stdin.buffer)
    except _StoppedError:  # the draft of a figure is gone by now; there is nothing else to tidy
        os._exit(0)


class _StoppedError(BaseException):
    """Raised wherever this process is when it is asked to end."""


def _stop(*_: object) -> None:
    raise _StoppedError


def _answer_all(jobs: IO[bytes]) -> None:
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
        for name in _DRAWS:
            import_module(name)
        while True:
            try:
                job = pickle.load(jobs)
            except EOFError:
                return
            pickle.dump(_do(job), answers)
            answers.flush()


def _do(job: Callable[[], Any]) -> _Answer:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ScrWarning)
        try:
            result, error = job(), None
        except Exception as raised:
            raised.add_note(f"In the process that draws:\n{format_exc()}")
            result, error = None, raised
    own = tuple(w.message for w in caught if isinstance(w.message, ScrWarning))
    return _Answer(result, error, own)

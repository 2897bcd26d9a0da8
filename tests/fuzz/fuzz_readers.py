"""Wrong input of every kind through every reader: a result, or an error that says what to do.

Run as ``python tests/fuzz/fuzz_readers.py --minutes 10 --seed 1``. Each input is read in a process
of its own making, which may use 10 s of processor time and 4 GB. Everything but a result or a
``ScrError`` is a failure: another exception, a warning that is none of the package's, a process
that dies, or one that does not end. What failed is read again by
``--seed 1 --only 4711``, with its files left in the folder that ``--keep`` names.
"""

import argparse
import faulthandler
import multiprocessing as mp
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from mutations import mutated
from reader_calls import TARGETS

SECONDS = 10
"""Processor time that one input may take."""
WALL_SECONDS = 90
"""Time after which a process that does not use the processor counts as hanging."""
MEMORY = 4 * 1024**3
"""Address space beyond that of an idle worker, bytes."""


def make_input(index: int, *, seed: int, sound: Path, folder: Path) -> str:
    """Write the files of one input, at least one of them wrong, and name the reader.

    Parameters
    ----------
    index
        Number of the input.
    seed
        Seed of the run.
    sound
        Folder for sound files, kept between calls.
    folder
        Folder to write into.
    """
    names = list(TARGETS)
    name = names[index % len(names)]
    target = TARGETS[name]
    source = sound / name.replace(" ", "-")
    if not source.exists():
        source.mkdir(parents=True)
        target.write(source)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    rng = np.random.default_rng([seed, index])
    wrong = list(rng.permutation(list(target.wrong))[: int(rng.choice([1, 1, 1, 2]))])
    for file in wrong:
        content = (source / file).read_bytes()
        (folder / file).write_bytes(mutated(str(file), content, rng))
    return name


def read_input(index: int, *, seed: int, sound: Path, keep: Path | None = None) -> tuple[str, str]:
    """The reader of one input, and what came of it: a word, or a traceback.

    Parameters
    ----------
    index, seed, sound
        As in ``make_input``.
    keep
        Folder that shall hold the files afterwards.
    """
    from scr.errors import ScrError, ScrWarning  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=sound) as scratch:
        folder = keep or Path(scratch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            name = make_input(index, seed=seed, sound=sound, folder=folder)
        rng = np.random.default_rng([seed, index, 1])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.simplefilter("ignore", ScrWarning)
                warnings.simplefilter("ignore", ResourceWarning)
                TARGETS[name].call(folder, rng)
        except ScrError as error:
            text = str(error)
            return name, "refused" if len(text) < 6000 else f"a message of {len(text)} characters"
        except BaseException:
            return name, traceback.format_exc()
    return name, "read"


def work(pipe: Connection, *, seed: int, sound: str, log: str) -> None:
    """Read inputs as they are asked for, until None is.

    Parameters
    ----------
    pipe
        Numbers of inputs come in, what came of them goes out.
    seed, sound
        As in ``make_input``.
    log
        File for the place at which a process was stopped.
    """
    with Path(log).open("w", encoding="utf-8") as place:
        faulthandler.enable(place)
        faulthandler.register(signal.SIGXCPU, place, all_threads=False, chain=True)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + MEMORY, resource.RLIM_INFINITY))
        while (index := pipe.recv()) is not None:
            used = int(np.ceil(time.process_time()))
            resource.setrlimit(resource.RLIMIT_CPU, (used + SECONDS, resource.RLIM_INFINITY))
            pipe.send(read_input(index, seed=seed, sound=Path(sound)))


class Worker:
    """A process that reads inputs, made anew when it dies or hangs."""

    def __init__(self, number: int, *, seed: int, sound: Path) -> None:
        self.seed, self.sound = seed, sound / f"worker{number}"
        self.sound.mkdir(parents=True)
        self.log = self.sound / "log"
        self._start()

    def _start(self) -> None:
        context = mp.get_context("forkserver")
        self.pipe, other = context.Pipe()
        self.process = context.Process(
            target=work,
            args=(other,),
            kwargs={"seed": self.seed, "sound": str(self.sound), "log": str(self.log)},
            daemon=True,
        )
        self.process.start()
        other.close()

    def ask(self, index: int) -> None:
        """Have an input read.

        Parameters
        ----------
        index
            Its number.
        """
        self.index, self.since = index, time.monotonic()
        self.pipe.send(index)

    def answer(self, *, wait: float) -> tuple[str, str] | None:
        """What came of it, or None where it goes on.

        Parameters
        ----------
        wait
            Seconds to wait for it.
        """
        try:
            if self.pipe.poll(wait):
                found: tuple[str, str] = self.pipe.recv()
                return found
        except (EOFError, ConnectionError):
            self.process.join(5)
        if self.process.is_alive() and time.monotonic() - self.since < WALL_SECONDS:
            return None
        hung = self.process.is_alive() or self.process.exitcode == -signal.SIGXCPU
        self.process.kill()
        self.process.join()
        fault = "it hung" if hung else f"the process died ({self.process.exitcode})"
        where = self.log.read_text(encoding="utf-8", errors="replace")
        self._start()
        return list(TARGETS)[self.index % len(TARGETS)], f"{fault}\n{where}"

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()


def run(
    *, seed: int, minutes: float, inputs: int, workers: int, only: str | None = None
) -> dict[int, tuple[str, str]]:
    """Read inputs until time or number is reached, and return the failures.

    Parameters
    ----------
    seed
        Seed of all inputs.
    minutes
        How long; no end where 0.
    inputs
        How many; no end where 0.
    workers
        Processes.
    only
        The one reader to try, or None for all.
    """
    step, first = (len(TARGETS), list(TARGETS).index(only)) if only else (1, 0)
    failures: dict[int, tuple[str, str]] = {}
    outcomes: Counter[tuple[str, str]] = Counter()
    started, index = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as scratch:
        crew = [Worker(k, seed=seed, sound=Path(scratch)) for k in range(workers)]
        busy: list[Worker] = []
        while True:
            late = minutes and time.monotonic() - started > 60 * minutes
            for worker in crew:
                over = late or (inputs and index >= inputs)
                if worker not in busy and not over:
                    worker.ask(first + step * index)
                    busy.append(worker)
                    index += 1
            if not busy:
                break
            for worker in list(busy):
                found = worker.answer(wait=0.005)
                if found is None:
                    continue
                busy.remove(worker)
                outcomes[found[0], found[1] if found[1] in ("read", "refused") else "FAILED"] += 1
                if found[1] not in ("read", "refused"):
                    failures[worker.index] = found
        for worker in crew:
            worker.stop()
    for name in TARGETS:
        counts = {word: outcomes[name, word] for word in ("read", "refused", "FAILED")}
        said = ", ".join(f"{word} {count}" for word, count in counts.items())
        print(f"  {name:24s}{said}")  # noqa: T201
    taken = (time.monotonic() - started) / 60
    print(f"{index} inputs in {taken:.1f} minutes, {len(failures)} failures")  # noqa: T201
    return failures


def main() -> int:
    """Run from the command line; the exit code is 1 where an input failed."""
    parser = argparse.ArgumentParser(description="Wrong input through every reader.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--inputs", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--reader", choices=list(TARGETS), help="the one reader to try")
    parser.add_argument("--only", type=int, help="number of the one input to read")
    parser.add_argument("--keep", type=Path, help="folder for the files of --only")
    given = parser.parse_args()
    if given.only is not None:
        with tempfile.TemporaryDirectory() as scratch:
            found = read_input(given.only, seed=given.seed, sound=Path(scratch), keep=given.keep)
        print(*found, sep="\n")  # noqa: T201
        return int(found[1] not in ("read", "refused"))
    failures = run(
        seed=given.seed,
        minutes=given.minutes or (0.0 if given.inputs else 10.0),
        inputs=given.inputs,
        workers=given.workers,
        only=given.reader,
    )
    for index, (name, what) in failures.items():
        print(f"\n--- input {index} ({name}), seed {given.seed}\n{what}")  # noqa: T201
    return int(bool(failures))


if __name__ == "__main__":
    mp.get_context("forkserver").set_forkserver_preload(["reader_calls"])
    sys.exit(main())

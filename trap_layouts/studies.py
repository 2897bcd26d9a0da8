"""Simulation studies: many surveys simulated and fitted, on one machine or a cluster."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scr.errors import LayoutError
from scr.io.results_folder import alone_in
from scr.io.whole_files import clear_drafts, write_bytes, write_text
from scr.survey.parts import edges_of
from trap_layouts.power import Scenario, StudyEngine, simulate_and_fit
from trap_layouts.workers import end_with_parent

RESULTS = "results.parquet"
_PARTS, _STUDY = "parts", "study.json"
_MOST_BREAKS = 3
_COLUMNS = ["scenario", "repeat"]

Task = tuple[int, int, int]
"""Scenario, repeat and seed."""


def run_study(
    scenarios: Sequence[Scenario],
    folder: str | Path,
    *,
    n_repeats: int = 100,
    engine: StudyEngine = "mle",
    seed: int = 1,
    n_workers: int | None = None,
    scheduler: str | None = None,
    report: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Simulate and fit every scenario many times.

    Each result is written to the folder as it comes. A study that was stopped is resumed by
    calling again with the same arguments: what is there is not repeated. Seeds follow from the
    study's seed, scenario and repeat, so that the results do not depend on the number of workers,
    on where they run or on interruptions.

    Parameters
    ----------
    scenarios
        With different names.
    folder
        For the results of this study alone; it is made if it does not exist.
    n_repeats
        Surveys of each scenario. A finished study can be continued with more.
    engine
        ``"mle"``, ``"laplace"`` or ``"nuts"``.
    seed
        Seed of the study.
    n_workers
        Processes on this machine, all cores if left out.
    scheduler
        Address of a Dask scheduler, on whose workers the study then runs. Needs the extra
        ``cluster``.
    report
        Called with the number of surveys done and wanted.

    Returns
    -------
    DataFrame
        One row per survey as in ``simulate_and_fit``, sorted by scenario and repeat.

    Raises
    ------
    LayoutError
        If names repeat, the folder holds another study, a scheduler is named and distributed is
        not installed, or workers keep dying.
    ScrError
        If another study is at the folder, or it cannot be written.
    """
    names = [scenario.name for scenario in scenarios]
    if not names or len(set(names)) != len(names) or n_repeats < 1:
        msg = (
            f"A study needs scenarios with different names and at least one repeat; it has "
            f"{len(names)} scenarios, {len(set(names))} names and {n_repeats} repeats."
        )
        raise LayoutError(msg)
    place = Path(folder)
    with alone_in(place):
        clear_drafts(place)
        _claim(place, scenarios, engine=engine, seed=seed)
        return _run(
            scenarios, place, n_repeats, engine=engine, seed=seed, n_workers=n_workers,
            scheduler=scheduler, report=report,
        )  # fmt: skip


def _run(
    scenarios: Sequence[Scenario],
    place: Path,
    n_repeats: int,
    *,
    engine: StudyEngine,
    seed: int,
    n_workers: int | None,
    scheduler: str | None,
    report: Callable[[int, int], None] | None,
) -> pd.DataFrame:
    names = [scenario.name for scenario in scenarios]
    done = read_results(place)
    known = set(zip(done["scenario"], done["repeat"], strict=True))
    tasks: list[Task] = [
        (index, repeat, _seed_of(seed, index, repeat))
        for repeat in range(n_repeats)
        for index, scenario in enumerate(scenarios)
        if (scenario.name, repeat) not in known
    ]
    total = len(scenarios) * n_repeats
    finished = total - len(tasks)
    source = (
        _on_this_machine(scenarios, tasks, engine=engine, n_workers=n_workers)
        if scheduler is None
        else _on_cluster(scenarios, tasks, engine=engine, address=scheduler)
    )
    for row in source:
        _write(place / _PARTS, row)
        finished += 1
        if report is not None:
            report(finished, total)
    results = read_results(place)
    _write_whole(results, place / RESULTS)
    for part in (place / _PARTS).glob("*.parquet"):
        part.unlink()
    wanted = results["repeat"] < n_repeats
    return results[wanted & results["scenario"].isin(names)].reset_index(drop=True)


def read_results(folder: str | Path) -> pd.DataFrame:
    """All results of a study so far, sorted by scenario and repeat.

    Parameters
    ----------
    folder
        The folder of a study, finished or not.
    """
    place = Path(folder)
    files = [place / RESULTS, *sorted((place / _PARTS).glob("*.parquet"))]
    tables = [pd.read_parquet(file) for file in files if file.exists()]
    if not tables:
        return pd.DataFrame(
            {"scenario": pd.Series(dtype="str"), "repeat": pd.Series(dtype="int64")}
        )
    whole = pd.concat(tables, ignore_index=True).drop_duplicates(_COLUMNS)
    return whole.sort_values(_COLUMNS, ignore_index=True)


def _seed_of(seed: int, scenario: int, repeat: int) -> int:
    return int(np.random.SeedSequence([seed, scenario, repeat]).generate_state(1)[0] >> 1)


def _claim(place: Path, scenarios: Sequence[Scenario], *, engine: str, seed: int) -> None:
    """Note what the folder's study is, or refuse one that is another."""
    told = {"engine": engine, "seed": seed, "scenarios": [_fingerprint(s) for s in scenarios]}
    path = place / _STUDY
    if not path.exists():
        write_text(path, json.dumps(told, indent=1) + "\n")
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    if found != told:
        different = ", ".join(key for key in told if found.get(key) != told[key])
        msg = (
            f"{place} holds another study: {different} differ. Name a new folder, or give the "
            "arguments of the study that is to be resumed."
        )
        raise LayoutError(msg)


def _fingerprint(scenario: Scenario) -> str:
    """The scenario's name and a hash of all that its results depend on."""
    a = scenario.assumptions
    digest = hashlib.sha256()
    traps = scenario.layout.traps
    arrays = [traps.xy, np.asarray(scenario.layout.cameras), a.mask.xy, a.mask.cell_area]
    arrays += [] if traps.parts is None else edges_of(traps.parts)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(a.mask.covariates.to_csv(float_format="%.12g").encode())
    values = {name: [float(x) for x in v] for name, v in sorted(a.coefficients.items())}
    reserve = None if scenario.reserve is None else scenario.reserve.geometry.wkt
    told = [
        values,
        sorted(
            (k, str(sorted(a.spec.transforms)) if k == "transforms" else str(v))
            for k, v in a.spec.as_dict().items()
        ),
        [a.detector, a.n_occasions, a.occasion_days, a.unknown_sex, repr(a.equipment), reserve]
        + ([] if a.flank is None else [a.flank]),
    ]
    if scenario.monitoring is not None:
        others = [[one.xy.tolist(), np.asarray(one.cameras).tolist()] for one in scenario.others]
        told.append([repr(scenario.monitoring), others])
    digest.update(json.dumps(told).encode())
    return f"{scenario.name}: {digest.hexdigest()[:16]}"


def _write(folder: Path, row: dict[str, Any]) -> None:
    key = hashlib.sha256(row["scenario"].encode()).hexdigest()[:8]
    _write_whole(pd.DataFrame([row]), folder / f"{key}-{row['repeat']:06d}.parquet")


def _write_whole(table: pd.DataFrame, path: Path) -> None:
    write_bytes(path, table.to_parquet(index=False))


def _on_this_machine(
    scenarios: Sequence[Scenario],
    tasks: list[Task],
    *,
    engine: StudyEngine,
    n_workers: int | None,
) -> Iterator[dict[str, Any]]:
    n = n_workers or os.cpu_count() or 1
    if n == 1 or len(tasks) <= 1:
        for index, repeat, seed in tasks:
            yield simulate_and_fit(scenarios[index], repeat, seed=seed, engine=engine)
        return
    left = dict.fromkeys(tasks)
    for _ in range(_MOST_BREAKS):
        with ProcessPoolExecutor(
            n, mp_context=get_context("spawn"), initializer=end_with_parent
        ) as pool:
            running = {
                pool.submit(
                    simulate_and_fit, scenarios[task[0]], task[1], seed=task[2], engine=engine
                ): task
                for task in left
            }
            try:
                for future in as_completed(running):
                    row = future.result()
                    del left[running[future]]
                    yield row
            except BrokenProcessPool:
                continue
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return
    msg = (
        f"Worker processes died {_MOST_BREAKS} times, with {len(left)} surveys to go; too little "
        "memory is the usual cause. Run with fewer workers (n_workers=1): what is done is kept."
    )
    raise LayoutError(msg)


def _on_cluster(
    scenarios: Sequence[Scenario], tasks: list[Task], *, engine: StudyEngine, address: str
) -> Iterator[dict[str, Any]]:
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        msg = (
            "A Dask scheduler was named, but the library distributed is not installed. "
            "Install it with: pip install 'scr-density[cluster]'."
        )
        raise LayoutError(msg) from error
    try:
        client = distributed.Client(address, timeout="20s")
    except (OSError, TimeoutError) as error:
        msg = f"No Dask scheduler answers at {address}: {error}. Check the address and start it."
        raise LayoutError(msg) from error
    with client:
        held = [client.scatter(scenario, broadcast=True) for scenario in scenarios]
        futures = [
            client.submit(
                simulate_and_fit, held[index], repeat, seed=seed, engine=engine, pure=False
            )
            for index, repeat, seed in tasks
        ]
        for future in distributed.as_completed(futures):
            yield future.result()
            future.release()

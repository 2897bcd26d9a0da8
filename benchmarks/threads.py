"""Two threads against one: the log posterior as the chains of fit_nuts call it, and the kernel.

Each thread evaluates at points of its own for a while, alone and beside another. Wall-clock time:
others at work on the machine make the ratio too small.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from fit import SPEC, leopard_like
from large import DATA, WHAT, large
from large import SPEC as SPEC_LARGE
from timing import Row, absent, record

import scr
from scr.fit.log_posterior import LogPosterior
from scr.fit.modes import posterior_modes
from scr.fit.whitened import whiten
from scr.likelihood.problem import build_problem, value_and_gradient

LEAST_RATIO = 1.8
SECONDS = 2.0
ROUNDS = 5

type Evaluate = Callable[[int], object]


def per_second(functions: Sequence[Evaluate], seconds: float) -> float:
    """Evaluations per second of some functions, each in a thread of its own."""
    counts = [0] * len(functions)
    ready = threading.Barrier(len(functions) + 1)
    end = [0.0]

    def run(which: int) -> None:
        ready.wait()
        while time.perf_counter() < end[0]:
            functions[which](counts[which])
            counts[which] += 1

    threads = [threading.Thread(target=run, args=(which,)) for which in range(len(functions))]
    for thread in threads:
        thread.start()
    start = time.perf_counter()
    end[0] = start + seconds
    ready.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def two_by_one(functions: Sequence[Evaluate], *, seconds: float = SECONDS) -> dict[str, float]:
    """Evaluations per second of one thread and of two, the best of some rounds in turn."""
    for function in functions:
        function(0)
    one, two = 0.0, 0.0
    for _ in range(ROUNDS):
        one = max(one, per_second(functions[:1], seconds / ROUNDS))
        two = max(two, per_second(functions, seconds / ROUNDS))
    return {"one": one, "two": two, "ratio": two / one}


def posterior(survey: scr.Survey, mask: scr.HabitatMask) -> list[Evaluate]:
    """The log posterior of two chains, near its mode."""
    problem = build_problem(survey, mask, SPEC)
    target = LogPosterior(problem)
    mode = posterior_modes(target)[0]
    whitened = whiten(target, mode.point, mode.vcov)
    points = np.random.default_rng(1).standard_normal((64, len(mode.point)))

    def of_chain() -> Evaluate:
        log_density = whitened.for_one_thread()
        return lambda i: log_density(points[i % len(points)])

    return [of_chain(), of_chain()]


def kernel(survey: scr.Survey, mask: scr.HabitatMask, spec: Any) -> list[Evaluate]:
    """Value and gradient of the likelihood, near its maximum."""
    problem = build_problem(survey, mask, spec)
    theta = scr.fit_mle(survey, mask, spec, check_mask=False).coefficients["estimate"].to_numpy()

    def evaluate(i: int) -> object:
        return value_and_gradient(problem, theta + 1e-3 * (i % 7))

    return [evaluate, evaluate]


def row(what: str, found: dict[str, float]) -> Row:
    return Row(
        what=f"two threads against one, {what}",
        measured=f"{found['ratio']:.2f} x ({found['two']:,.0f} against {found['one']:,.0f} "
        "evaluations per second)",
        reach=f"{LEAST_RATIO:g} x",
        holds=found["ratio"] >= LEAST_RATIO,
    )


def main() -> None:
    figures = {"posterior": two_by_one(posterior(*leopard_like()))}
    rows = [row("log posterior of leopard_like as fit_nuts calls it", figures["posterior"])]
    if DATA.is_dir():
        figures["large"] = two_by_one(kernel(*large(), SPEC_LARGE))
        rows.append(row(f"value and gradient, {WHAT}", figures["large"]))
    else:
        rows.append(absent(f"two threads against one, {WHAT}"))
    record("threads", rows, figures)


if __name__ == "__main__":
    main()

"""``scr compile``: the likelihoods compiled ahead, so that no fit has to wait."""

from importlib import import_module
from typing import Annotated

import typer

from scr.cli.messages import say


def _names() -> list[str]:
    return list(import_module("scr.model.detection").DETECTION_FUNCTIONS)


Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[DETECTION]...",
        help="Detection functions; hazard_half_normal if none is named.",
        autocompletion=_names,
    ),
]


def compile_(
    names: Names = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All detection functions.")] = False,
) -> None:
    """Compile the likelihood ahead: the first fit with a detection function does it else."""
    ahead = import_module("scr.fit.compiling")
    ahead.require_kept()
    wanted = _names() if every else names or ["hazard_half_normal"]
    for problem in [problem for name in wanted for problem in ahead.small_problems(name)]:
        name = problem.design.spec.detection
        way = "regular masks" if problem.packed.is_lattice else "any mask"
        way += ", both flanks" if problem.packed.sides is not None else ""
        taken = ahead.make_ready(problem)
        done = "ready   " if taken is None else "compiled"
        say(f"  {done}  {name}, {way}{'' if taken is None else f' ({taken:.0f} s)'}")

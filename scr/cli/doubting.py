"""What there is to doubt, in the terminal: before a fit, after it, and by the exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

import scr.checking
from scr.cli.messages import complain, say
from scr.errors import FitError

if TYPE_CHECKING:
    from scr.checking.doubts import Doubts
    from scr.fit.result import Fit
    from scr.project.loading import Project

NOT_CREDIBLE_CODE = 3
"""How a command ends whose estimates cannot be believed."""


def warn_before(project: "Project") -> None:
    """Say before a fit what ``scr check`` warns of, beyond what reading has warned of.

    Parameters
    ----------
    project
        Data and model.
    """
    for trouble in scr.checking.doubts_before(*project.data, region=project.reserve):
        complain(f"Warning: {trouble.private_line}", style="yellow")


def tell_doubts(fitted: "Fit", doubts: "Doubts") -> None:
    """Say after a fit whether the estimates can be believed, and what they rest on.

    Of covariates that were not sampled ``abundance`` warns itself.

    Parameters
    ----------
    fitted
        The fit.
    doubts
        From ``doubts_of``.
    """
    if doubts.unbelievable:
        complain("These estimates cannot be believed. Do not use them.")
    for trouble in doubts.unbelievable:
        complain(f"  {trouble.private_line}")
    for trouble in doubts.rests_on:
        complain(f"Warning: {trouble.private_line}", style="yellow")
    if doubts.shares:
        say(
            "Share of the expected animals where covariates of density were not sampled within "
            f"reach of the stations: {'; '.join(doubts.shares)}"
        )
    failed = sum(not check.passed for check in fitted.checks)
    number = failed + len(doubts.lines(public=False))
    if number == 0:
        say("All checks passed.", style="green")
    else:
        noun = "warning" if number == 1 else "warnings"
        say(f"{number} {noun}, listed under Checks in the reports.", style="yellow")


@contextmanager
def refusing(doubts: "Doubts") -> Iterator[None]:
    """End with code 3 where results cannot even be written, as animals could not be counted.

    Parameters
    ----------
    doubts
        From ``doubts_of``.
    """
    try:
        yield
    except FitError as error:
        if not doubts.unbelievable:
            raise
        complain(str(error))
        raise typer.Exit(NOT_CREDIBLE_CODE) from None


def end_where_not_credible(doubts: "Doubts") -> None:
    """End with code 3 where the estimates cannot be believed.

    Parameters
    ----------
    doubts
        From ``doubts_of``.
    """
    if doubts.unbelievable:
        raise typer.Exit(NOT_CREDIBLE_CODE)

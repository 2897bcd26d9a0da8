"""The program ``scr``: its commands, and how it ends.

Exit codes: 0 fine, 1 input that cannot give a right answer, 2 wrong use of the command,
3 estimates that cannot be believed, 130 interrupted.
"""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from scr.cli.check import check
from scr.cli.compiling import compile_
from scr.cli.demonstration import demo
from scr.cli.fitting import fit
from scr.cli.layout_page import page
from scr.cli.layout_power import power
from scr.cli.layout_start import init_plan
from scr.cli.layouts import app as layouts
from scr.cli.messages import complain, plain_warnings, say
from scr.cli.redraw import redraw
from scr.cli.report import report
from scr.cli.start import init
from scr.errors import ScrError
from scr.io.bounds import NO_MEMORY

BAD_INPUT = 1
INTERRUPTED = 130


class Commands(TyperGroup):
    """Commands that end with a message, not a traceback, where the input is at fault."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Parameters
        ----------
        ctx
            The parsed command line.
        """
        try:
            with plain_warnings():
                return super().invoke(ctx)
        except ScrError as error:
            complain(str(error))
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            complain(f"{error.strerror or error}{where}. Check the name and your rights to it.")
        except MemoryError:
            complain(NO_MEMORY)
        except KeyboardInterrupt:
            complain("Interrupted. What was written before is kept.", style="yellow")
            raise typer.Exit(INTERRUPTED) from None
        raise typer.Exit(BAD_INPUT)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Animal density and abundance from camera traps, by spatial capture-recapture.",
    epilog="Start with 'scr demo', or with 'scr init my_survey' for your own data.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"scr {version('scr-density')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Animal density and abundance from camera traps, by spatial capture-recapture."""


app.command()(init)
app.command()(check)
app.command()(fit)
app.command(name="map")(redraw)
app.command()(report)
app.command()(demo)
app.command(name="compile")(compile_)

layouts.command(name="init")(init_plan)
layouts.command()(power)
layouts.command(name="page")(page)
app.add_typer(layouts, name="layouts")


def main() -> None:
    """Run the program."""
    app(prog_name="scr")


if __name__ == "__main__":
    main()

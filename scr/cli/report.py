"""``scr report``: the reports of a fit that is kept, without fitting again."""

from pathlib import Path

import scr
from scr.cli.configuration import read_configuration
from scr.cli.messages import say, working
from scr.cli.redraw import (
    FromOption,
    OutOption,
    RegionNameOption,
    RegionOption,
    SurveyToml,
    read_kept,
)

REPORT = "report.html"


def report(
    survey_toml: SurveyToml,
    fit: FromOption = None,
    out: OutOption = None,
    region: RegionOption = None,
    region_name: RegionNameOption = None,
) -> None:
    """Write the reports alone, public and private, from a fit that is kept, without fitting."""
    configuration = read_configuration(survey_toml)
    fitted, reserve = read_kept(
        survey_toml, configuration, fit=fit, region=region, region_name=region_name
    )
    folder: Path = out or configuration.output
    for where in ("public", "private"):
        with working(f"Writing the {where} report"):
            written = scr.write_report(
                fitted,
                folder / where / REPORT,
                region=reserve,
                title=configuration.title,
                banner=configuration.banner or None,
                public=where == "public",
                seed=configuration.fit.seed,
            )
        say(f"{written} {'can be shared' if where == 'public' else 'shows stations and animals'}")

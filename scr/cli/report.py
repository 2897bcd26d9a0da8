"""``scr report``: the reports of a fit that is kept, without fitting again."""

from pathlib import Path

import scr.report
from scr.cli.doubting import end_where_not_credible, refusing, tell_doubts
from scr.cli.kept_inputs import check_apart
from scr.cli.messages import say, working
from scr.cli.modelling import kept_models
from scr.cli.provenance import inputs_of
from scr.cli.redraw import (
    FromOption,
    OutOption,
    RegionNameOption,
    RegionOption,
    SurveyToml,
    read_kept,
    scrutinised,
)
from scr.io.results_folder import alone_in
from scr.project.configuration import read_configuration


def report(
    survey_toml: SurveyToml,
    fit: FromOption = None,
    out: OutOption = None,
    region: RegionOption = None,
    region_name: RegionNameOption = None,
) -> None:
    """Write the reports alone, public and private, from a fit that is kept, without fitting."""
    configuration = read_configuration(survey_toml)
    folder: Path = out or configuration.output
    check_apart(folder, inputs_of(configuration))
    with alone_in(folder):
        fitted, reserve = read_kept(
            survey_toml, configuration, fit=fit, region=region, region_name=region_name
        )
        fitted = fitted.labelled(configuration.labels)
        with working("Looking at what the estimates rest on"):
            doubts = scr.checking.doubts_of(fitted, reserve)
        tell_doubts(fitted, doubts)
        scrutiny = scrutinised(fitted, configuration)
        with working("Writing the reports"), refusing(doubts):
            public, private = scr.report.write_reports(
                fitted,
                folder,
                region=reserve,
                title=configuration.title,
                banner=configuration.banner or None,
                seed=configuration.fit.seed,
                animals=configuration.animals or None,
                doubts=doubts,
                trend=configuration.wanted_trend,
                scrutiny=scrutiny,
                models=None if fit else kept_models(configuration, configuration.output),
            )
    say(f"{public} can be shared")
    say(f"{private} shows stations and animals")
    end_where_not_credible(doubts)

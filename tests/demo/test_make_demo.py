"""The script that writes the demo."""

import numpy as np
import pandas as pd
import pytest

from scr.demo import data_folder
from scr.demo.fieldwork import FIRST_DAY, days_worked
from scr.demo.make_demo import make_demo, write_detections
from scr.habitat.build import build_mask
from scr.model.spec import ModelSpec
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.reading import read_survey
from scr.survey.reading_traps import read_traps
from scr.survey.usage import Usage

DATA = data_folder()
DATES = ["start", "end", "problem1_from", "problem1_to"]


@pytest.mark.parametrize("seed", [1, 2])
def test_write_detections__reading_gives_back_the_simulated_records(tmp_path, seed):
    traps = read_traps(DATA / "stations.csv", crs="EPSG:32652")
    effort = days_worked(pd.read_csv(DATA / "deployments.csv", parse_dates=DATES))
    survey, _ = simulate_survey(
        plan_survey(traps, Usage(effort, first_day=FIRST_DAY)),
        build_mask(traps, buffer=15_000.0, spacing=5_000.0),
        ModelSpec(lambda0="~ sex"),
        coefficients={
            "density.Intercept": np.log(0.02),
            "lambda0.Intercept": np.log(0.03),
            "lambda0.sex[T.M]": 0.2,
            "sigma.Intercept": np.log(5000.0),
            "share.Intercept": 0.0,
        },
        seed=seed,
        unknown_sex=0.2,
    )
    write_detections(survey, tmp_path / "detections.csv", rng=np.random.default_rng(seed))
    read = read_survey(tmp_path / "detections.csv", traps, usage=DATA / "deployments.csv")

    before, after = survey.sessions[0], read.sessions[0]
    assert np.array_equal(before.usage.effort, after.usage.effort)
    assert before.captures.n_detections > 100
    assert records(before.captures) == records(after.captures)
    assert sexes(before.captures) == sexes(after.captures)


def records(captures):
    columns = (captures.individual, captures.occasion, captures.trap, captures.count)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {(captures.individuals[i], *rest) for i, *rest in rows}


def sexes(captures):
    sex = captures.covariates["sex"]
    known = sex.where(sex.notna(), "?")
    return dict(zip(captures.individuals, known, strict=True))


@pytest.mark.slow
def test_make_demo__writes_the_bundled_files_again(tmp_path):
    make_demo(tmp_path)
    for name in ("stations", "deployments", "detections", "truth"):
        pd.testing.assert_frame_equal(
            pd.read_csv(tmp_path / f"{name}.csv"), pd.read_csv(DATA / f"{name}.csv")
        )

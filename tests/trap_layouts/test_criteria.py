"""Criteria against simulation, recorded figures of another program, and closed forms."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scr.errors import FormulaError, LayoutError
from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.simulate.captures import simulate_captures
from scr.simulate.surveys import simulate_survey
from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import assume
from trap_layouts.candidates import candidate_reach
from trap_layouts.comparison import criteria_of
from trap_layouts.criteria import expected_counts
from trap_layouts.exposure import Exposure, exposure, planned_design, planned_survey
from trap_layouts.layout import make_layout

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "layouts"


def counts_of(layout, assumptions):
    design = planned_design(layout, assumptions)
    theta = assumptions.thetas(design)[0]
    exposed = exposure(design, theta, n_occasions=assumptions.n_occasions)
    return expected_counts(exposed, assumptions.detector)


def simulated_counts(exposed, detector, n_repeats, seed):
    """n, C, m and n2 of each of many surveys, shape (n_repeats, 4)."""
    rng = np.random.default_rng(seed)
    rows = []
    effort = np.ones((exposed.hazard.shape[1], exposed.n_occasions))
    for _ in range(n_repeats):
        number = rng.poisson(exposed.animals)
        class_, cell = (
            np.repeat(i, number.ravel()) for i in np.indices(number.shape).reshape(2, -1)
        )
        hazard = exposed.hazard[class_, :, cell]
        r = simulate_captures(hazard, effort, detector=detector, rng=rng)
        places = np.unique(np.stack([r.animal, r.trap], axis=1), axis=0)
        at_two = (np.bincount(places[:, 0], minlength=1) >= 2).sum() if len(places) else 0
        # In a random order within the occasion, then moves from one record to the next.
        trap, animal = np.repeat(r.trap, r.count), np.repeat(r.animal, r.count)
        occasion = np.repeat(r.occasion, r.count)
        order = np.lexsort((rng.random(len(trap)), occasion, animal))
        same = np.diff(animal[order]) == 0
        moves = (same & (np.diff(trap[order]) != 0)).sum()
        rows.append((len(np.unique(r.animal)), r.count.sum(), moves, at_two))
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("detector", ["proximity", "count", "multi"])
def test_expected_counts__equal_simulation_within_four_standard_errors(
    detector, small_layout, plan
):
    spec = ModelSpec(density="~ x", lambda0="~ sex", sigma="~ sex")
    more = {"density.x": 3e-5, "lambda0.sex[T.M]": 0.5, "sigma.sex[T.M]": 0.3, "share": 0.4}
    assumptions = plan(detector=detector, spec=spec, parameters=more)
    design = planned_design(small_layout, assumptions)
    exposed = exposure(design, assumptions.thetas(design)[0], n_occasions=10)

    found = expected_counts(exposed, detector)

    simulated = simulated_counts(exposed, detector, n_repeats=1500, seed=4)
    mean = simulated.mean(axis=0)
    error = simulated.std(axis=0, ddof=1) / np.sqrt(len(simulated))
    expected = [found.animals, found.detections, found.moves, found.animals_at_two]
    away = np.abs(mean - expected) / error
    compared = [0, 1, 3] if detector == "proximity" else [0, 1, 2, 3]
    assert (away[compared] < 4).all(), away


@pytest.mark.parametrize(
    ("detector", "spec", "more"),
    [
        ("polygon", ModelSpec(), {"lambda0": 1.0}),
        ("polygon_exclusive", ModelSpec(), {"lambda0": 1.0}),
        ("transect_exclusive", ModelSpec(lambda0="~ T"), {"lambda0": 0.5, "lambda0.T": -0.1}),
        ("proximity", ModelSpec(lambda0="~ b"), {"lambda0.b": 0.8}),
        ("multi", ModelSpec(lambda0="~ bk"), {"lambda0.bk": 0.8}),
    ],
)
def test_criteria_of__of_searches_and_responses_are_the_means_of_simulated_surveys(
    small_layout, four_areas, four_lines, plan, detector, spec, more
):
    searched = DETECTORS[detector].searched
    layout = {"areas": four_areas, "lines": four_lines, "": small_layout}[searched]
    assumptions = plan(detector=detector, spec=spec, parameters={"density": 10.0} | more)
    found = criteria_of(layout, assumptions, information=False, n_animals=800)

    empty = planned_survey(layout, assumptions, detector=detector)
    coefficients = {name: float(v[0]) for name, v in assumptions.coefficients.items()}
    rows = []
    for seed in range(20):
        survey, _ = simulate_survey(
            empty, assumptions.mask, spec, coefficients=coefficients, seed=100 + seed,
            centres="cell_centre",
        )  # fmt: skip
        captures = survey.sessions[0].captures
        of_animal = [captures.individual == i for i in range(captures.n_individuals)]
        places = [captures.count[mine].sum() if searched else len(set(captures.trap[mine]))
                  for mine in of_animal]  # fmt: skip
        rows.append([len(places), captures.count.sum(), sum(number > 1 for number in places)])
    mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows))
    away = np.array([found[name] for name in ("animals", "detections", "at_two")]) - mean
    assert (np.abs(away) < 4 * spread).all(), away / spread


def test_criteria_of__one_exposure_at_a_time_agrees_with_the_formulas(small_layout, plan):
    # A response of no size changes nothing: means over simulated animals are those of formulas.
    plain = criteria_of(small_layout, plan(), information=False)
    names = plan(spec=ModelSpec(lambda0="~ b"), parameters={"lambda0.b": 0.0})
    found = criteria_of(small_layout, names, information=False, n_animals=1500)
    assert found["animals"] == pytest.approx(plain["animals"], rel=1e-9)
    for name in ("detections", "moves", "at_two"):
        assert found[name] == pytest.approx(plain[name], rel=0.1)


def test_choice_of_stations__is_refused_where_detection_changes_or_areas_are_searched(
    small_layout, four_areas, plan
):
    with pytest.raises(FormulaError, match="a choice of stations takes detection that is the same"):
        candidate_reach(
            small_layout, plan(spec=ModelSpec(lambda0="~ b"), parameters={"lambda0.b": 0.1})
        )
    with pytest.raises(LayoutError, match="Stations cannot be chosen for detector='polygon'"):
        candidate_reach(four_areas, plan(detector="polygon"))


@pytest.mark.parametrize("number", range(4))
def test_expected_counts__agree_with_recorded_figures(number):
    if not REFERENCE.exists():
        pytest.skip("../shared/reference is absent")
    record = json.loads((REFERENCE / "secrdesign_reference.json").read_text())["approx"][number]
    given = record["inputs"]
    cells = pd.read_csv(REFERENCE / given["mask"])
    traps = pd.read_csv(REFERENCE / given["traps"])
    mask = HabitatMask(
        xy=cells[["x", "y"]].to_numpy(float), cell_area=cells.area_ha.to_numpy() / 100, crs="local"
    )
    parameters = {
        "density": given["D_per_ha"] * 1e4,
        "lambda0": given["lambda0"],
        "sigma": given["sigma"],
    }
    assumptions = assume(
        mask,
        ModelSpec(),
        parameters,
        detector=given["detector"],
        n_occasions=given["noccasions"],
    )
    layout = make_layout("recorded", traps[["x", "y"]].to_numpy(float), crs="local")

    found = counts_of(layout, assumptions)

    assert found.animals == pytest.approx(record["E_n"], rel=1e-3)
    assert found.recaptures == pytest.approx(record["E_r"], rel=1e-3)
    assert found.moves == pytest.approx(record["E_m"], rel=1e-3)
    assert found.living == pytest.approx(record["EN_mask"], rel=1e-3)
    assert found.rule_of_thumb_rse() == pytest.approx(record["minnrRSE_poisson"], rel=1e-3)
    if record["Qpm"]:
        assert found.animals_at_two == pytest.approx(record["E_n2"]["En2"], rel=1e-3)
        assert found.q_p == pytest.approx(record["Qpm"]["Qp"], rel=1e-3)
        assert found.q_pm == pytest.approx(record["Qpm"]["Qpm"], rel=1e-3)
    else:  # the recorded E[n2] of multi-catch traps is itself approximate
        assert found.animals_at_two == pytest.approx(record["E_n2"]["En2"], rel=1e-2)


def test_expected_counts__one_station_gives_no_moves_and_nobody_at_two():
    exposed = Exposure(np.full((1, 1, 3), 0.4), np.ones((1, 3)), n_occasions=5)
    for detector in ("proximity", "count", "multi"):
        found = expected_counts(exposed, detector)
        assert found.moves == pytest.approx(0, abs=1e-12)
        assert found.animals_at_two == pytest.approx(0, abs=1e-12)


def test_expected_counts__cells_out_of_reach_count_as_living_only():
    hazard = np.array([[[0.4, 0.0], [0.2, 0.0]]])
    near = expected_counts(Exposure(hazard[:, :, :1], np.ones((1, 1)), 5), "multi")
    both = expected_counts(Exposure(hazard, np.ones((1, 2)), 5), "multi")
    assert both.animals == near.animals
    assert both.animals_at_two == near.animals_at_two
    assert both.living == 2.0


def test_rule_of_thumb_rse__without_recaptures_is_infinite():
    exposed = Exposure(np.zeros((1, 1, 1)), np.ones((1, 1)), n_occasions=1)
    assert expected_counts(exposed, "count").rule_of_thumb_rse() == np.inf

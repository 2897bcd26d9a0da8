"""What estimates would be without an animal, held against fits of the data without it."""

import warnings

import numpy as np
import pandas as pd
import pytest

import scr
from scr.fit.influence import LEAST_CHANGE, influence, influence_troubles
from scr.fit.without import split_into_records, without
from scr.likelihood.problem import animal_terms, build_problem
from scr.survey.totals import totals_of

HUGE = "a07"


def stations():
    x, y = np.meshgrid(np.arange(7) * 1500.0, np.arange(7) * 1500.0)
    return scr.Traps(
        names=[f"S{k:02d}" for k in range(49)], xy=np.column_stack([x.ravel(), y.ravel()]),
        crs="local",
    )  # fmt: skip


def detections(*, huge=None, far=False):
    """Twelve animals of sigma 1 km about their centres; perhaps one record that does not fit."""
    xy = stations().xy
    rng = np.random.default_rng(14)
    rows = []
    for i, centre in enumerate(rng.uniform(500, 5500, (12, 2))):
        chance = np.exp(-((xy - centre) ** 2).sum(axis=1) / 2e6)
        traps = rng.choice(49, size=5, p=chance / chance.sum())
        rows += [(f"a{i:02d}", f"S{k:02d}", j + 1, 1) for j, k in enumerate(traps)]
    table = pd.DataFrame(rows, columns=["individual", "trap", "occasion", "count"])
    first = table.index[table["individual"] == HUGE][0]
    if huge:
        table.loc[first, "count"] = huge
    if far:
        place = xy[[int(k[1:]) for k in table.loc[table["individual"] == HUGE, "trap"]]].mean(
            axis=0
        )
        table.loc[first, "trap"] = f"S{np.argmax(((xy - place) ** 2).sum(axis=1)):02d}"
    return table, int(first)


def fit_of(table, *, detector, engine=scr.fit_mle, **choices):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        survey = scr.read_survey(table, stations(), usage=8, detector=detector)
        mask = scr.build_mask(stations(), buffer=4000, spacing=500)
        return engine(survey, mask, scr.ModelSpec(), check_mask=False, **choices)


def estimate(fit):
    values = fit.coefficients["estimate"]
    return np.exp(values["sigma.Intercept"]), np.exp(values["density.Intercept"])


@pytest.mark.parametrize(
    ("change", "detector"), [({"huge": 200}, "count"), ({"far": True}, "proximity")]
)
def test_influence__numbers_are_those_of_fits_without_animal_and_record(change, detector):
    table, row = detections(**change)
    animal, record = influence(fit_of(table, detector=detector))[:2]
    assert (animal.individual, animal.record, record.individual) == (HUGE, None, HUGE)
    assert record.record.trap == table.loc[row, "trap"]
    assert record.record.count == table.loc[row, "count"]
    whole = estimate(fit_of(table, detector=detector))
    assert (animal.sigma, animal.density) == pytest.approx(whole, rel=1e-4)
    alone = estimate(fit_of(table[table["individual"] != HUGE], detector=detector))
    assert (animal.sigma_without, animal.density_without) == pytest.approx(alone, rel=1e-3)
    other = estimate(fit_of(table.drop(index=row), detector=detector))
    assert (record.sigma_without, record.density_without) == pytest.approx(other, rel=1e-3)
    assert max(other[0] / whole[0], whole[0] / other[0]) > LEAST_CHANGE


def test_influence__the_screen_finds_the_animal_that_brute_force_finds():
    # Every animal left out in turn, each by a fit of its own: the one found moves most.
    table, _ = detections(far=True)
    fit = fit_of(table, detector="proximity")
    whole, se = np.log(estimate(fit)), fit.coefficients["se"]
    sd = se["sigma.Intercept"], se["density.Intercept"]
    moves = {}
    for name in table["individual"].unique():
        other = fit_of(table[table["individual"] != name], detector="proximity")
        moves[name] = np.abs((np.log(estimate(other)) - whole) / sd).max()
    assert max(moves, key=moves.get) == HUGE
    animal = influence(fit)[0]
    assert animal.individual == HUGE
    assert animal.move == pytest.approx(moves[HUGE], rel=0.1)


def test_influence__sound_data_rest_on_nobody():
    table, _ = detections()
    assert influence(fit_of(table, detector="proximity")) == ()
    assert influence(fit_of(table, detector="count")) == ()


def test_influence__a_posterior_is_told_alike():
    table, _ = detections(huge=200)
    found = influence(fit_of(table, detector="count", engine=scr.fit_laplace, draws=1000))
    assert found[0].individual == HUGE
    alone = fit_of(
        table[table["individual"] != HUGE], detector="count", engine=scr.fit_laplace, draws=4000
    )
    assert found[0].sigma_without == pytest.approx(estimate(alone)[0], rel=0.05)


def test_influence__an_animal_of_two_years_is_left_out_of_both():
    table, _ = detections(huge=200)
    both = pd.concat([table.assign(session="2023"), table.assign(session="2024", count=1)])
    traps = stations()
    traps = scr.Traps(
        names=np.tile(traps.names, 2), xy=np.tile(traps.xy, (2, 1)), crs="local",
        session=np.repeat(np.array(["2023", "2024"], dtype=object), 49),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        survey = scr.read_survey(both, traps, usage=8, detector="count")
    left = without(survey, HUGE)
    assert [s.captures.n_individuals for s in left.sessions] == [11, 11]
    assert totals_of(left).n_animals == 11
    wider, records, weights = split_into_records(survey, HUGE)
    assert len(records) == len(weights) == 2 * len(table[table["individual"] == HUGE])
    assert records[0].count == 200
    assert [s.captures.n_individuals for s in wider.sessions] == [17, 17]


def test_influence_troubles__names_are_for_the_project_alone():
    table, row = detections(huge=200)
    animal, record = influence_troubles(influence(fit_of(table, detector="count")))[:2]
    assert f"Without animal {HUGE!r} sigma would be" in animal.line
    for word in (f"station {table.loc[row, 'trap']!r}", "count 200", HUGE, "in place of"):
        assert word in record.line
        assert table.loc[row, "trap"] not in record.public_line
        assert HUGE not in record.public_line


@pytest.mark.filterwarnings("ignore:.*no animal is at two stations")
def test_split_into_records__learnt_responses_and_removal_are_those_of_the_data_without_it():
    table, _ = detections()
    table["alive"] = "TRUE"
    last = table.index[table["individual"] == HUGE][-1]
    table.loc[last, "alive"] = "FALSE"
    survey = scr.read_survey(table, stations(), usage=8)
    mask = scr.build_mask(stations(), buffer=4000, spacing=500)
    spec = scr.ModelSpec(lambda0="~ bk + b", sigma="~ b")
    theta = np.array([-2.0, -1.5, 0.7, -0.4, 7.0, 0.2])

    def log_animals(data):
        return animal_terms(build_problem(data, mask, spec), theta)[0]

    wider, records, weights = split_into_records(survey, HUGE)
    assert len(records) == 5
    extra = np.array(weights) @ log_animals(wider)
    whole = np.sum(log_animals(survey))
    for record, more in zip(records, extra, strict=True):
        left = without(survey, HUGE, record)
        stays = record.occasion == table.loc[last, "occasion"]
        assert left.sessions[0].captures.removed.sum() == (0 if stays else 1)
        assert whole + more == pytest.approx(np.sum(log_animals(left)), rel=1e-10)
    assert not without(survey, HUGE).sessions[0].captures.removed.any()
    assert len({round(value, 6) for value in extra}) == 5

import numpy as np
import pandas as pd
import pytest
import shapely

import scr
from scr.errors import FitError, FormulaError, MaskError, MaskWarning, ScrWarning
from scr.survey.survey import Session, Survey
from scr.survey.usage import Usage

LABELS = ("2020", "2021", "2023")
YEARLY = scr.ModelSpec(density="~ year")
DRAWS = np.array([-3.0, -0.2, np.log(0.1), np.log(1200.0)])
"""Log D per km2 in year 0, its slope, log lambda0, log sigma."""


def sessions_of(make_session, labels):
    traps = [(2500, 2500), (4500, 2500), (2500, 4500), (4500, 4500)]
    records = [[(0, 0, 0), (0, 2, 1), (1, 1, 3)], [(0, 1, 1)], [(0, 0, 2)]]
    return [make_session(label, traps, told) for label, told in zip(labels, records, strict=False)]


@pytest.fixture
def make_years(make_fit, make_mask, make_session):
    """A fit of sessions with given labels and draws of our choice."""

    def make(labels=LABELS, spec=YEARLY, *, mask=None, engine="laplace", covariates=None):
        if covariates is None and spec is YEARLY and len(labels) > 1:
            covariates = pd.DataFrame({"year": [float(label) - 2020 for label in labels]})
        given = {} if covariates is None else {"covariates": covariates}
        survey = Survey(tuple(sessions_of(make_session, labels)), **given)
        cells = mask or make_mask(7, 6)
        n = len(spec.coefficient_names(survey, cells))
        centre = np.array([*DRAWS[:2], *[0.1] * (n - 4), *DRAWS[2:]])
        if n == 3:
            centre = np.delete(DRAWS, 1)
        sd = np.array([0.001, *[0.2] * (n - 3), 0.1, 0.1])
        if engine == "mle":
            return make_fit(survey, cells, spec, point=centre, vcov=np.diag(sd**2))
        draws = np.random.default_rng(4).normal(centre, sd, (500, n))
        return make_fit(survey, cells, spec, draws=draws)

    return make


def row_of(table, quantity, estimand="expected N", **where):
    for name, value in {"quantity": quantity, "estimand": estimand, **where}.items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records")
    return row


def test_trend__the_yearly_rate_of_expected_numbers_is_the_coefficient_of_the_year(make_years):
    fit = make_years()
    slope = fit.draws[:, 1]
    row = row_of(scr.trend(fit), "yearly rate")
    limits = np.quantile(100 * np.expm1(slope), [0.025, 0.5, 0.975])
    assert [row["lower"], row["median"], row["upper"]] == pytest.approx(limits, abs=1e-6)
    assert row["p_decline"] == pytest.approx((slope < 0).mean())
    assert (row["first"], row["last"], row["years"]) == ("2020", "2023", 3.0)


def test_trend__changes_are_of_the_joint_draws_of_abundance(make_years):
    fit = make_years()
    park = scr.Region("park", shapely.box(0, 0, 4300, 3700), crs="local")
    table = scr.trend(fit, park)
    for estimand, name in (("expected N", "expected"), ("realised N", "realised")):
        one, two = (
            getattr(scr.abundance_draws(fit, park, session=label), name)["park"].to_numpy()
            for label in ("2020", "2023")
        )
        told = row_of(table, "difference", estimand, first="2020", last="2023")
        limits = np.quantile(two - one, [0.025, 0.5, 0.975])
        assert [told["lower"], told["median"], told["upper"]] == pytest.approx(limits)
        assert told["p_decline"] == (two < one).mean()
        told = row_of(table, "change", estimand, first="2020", last="2023")
        some = np.where(one == 0, np.where(two == 0, 0.0, 1e300), two / np.maximum(one, 1e-300) - 1)
        assert told["median"] == pytest.approx(100 * np.quantile(some, 0.5))


def test_trend__after_maximum_likelihood_it_is_the_plug_in_with_a_log_normal_interval(make_years):
    fit = make_years(engine="mle")
    row = row_of(scr.trend(fit), "yearly rate")
    b, se = fit.point[1], 0.2
    assert row["median"] == pytest.approx(100 * np.expm1(b))
    assert row["lower"] == pytest.approx(100 * np.expm1(b - 1.959964 * se), rel=1e-4)
    assert row["upper"] == pytest.approx(100 * np.expm1(b + 1.959964 * se), rel=1e-4)
    row = row_of(scr.trend(fit), "change", first="2021", last="2023")
    assert row["upper"] == pytest.approx(100 * np.expm1(2 * (b + 1.959964 * se)), rel=1e-4)


def test_trend__takes_chosen_sessions_at_given_years(make_years):
    fit = make_years()
    table = scr.trend(fit, sessions=["2023", "2020"], years={"2020": 10.0, "2023": 10.5})
    row = row_of(table, "yearly rate")
    assert (row["first"], row["last"], row["years"]) == ("2020", "2023", 0.5)
    assert row["median"] == pytest.approx(100 * np.expm1(6 * np.median(fit.draws[:, 1])), rel=1e-3)
    assert len(table) == 6


def test_trend__zones_differ_in_realised_numbers_and_share_the_draws(make_years):
    fit = make_years()
    zones = {
        "west": scr.Region("west", shapely.box(0, 0, 3300, 6000), crs="local"),
        "all": scr.Region("all", shapely.box(0, 0, 7000, 6000), crs="local"),
    }
    table = scr.trend(fit, zones)
    rates = table[table["quantity"] == "yearly rate"].set_index(["region", "estimand"])["median"]
    assert rates["west", "expected N"] == pytest.approx(rates["all", "expected N"])
    assert rates["west", "realised N"] != pytest.approx(rates["all", "realised N"])


def test_trend__animals_beyond_the_mask_are_drawn_anew_in_each_session(make_years):
    fit = make_years(spec=scr.ModelSpec(density="~ session"))
    wide = scr.Region("wide", shapely.box(6000, 0, 60_000, 6000), crs="local")
    noise = []
    for label in ("2020", "2021"):
        with pytest.warns(MaskWarning):
            told = scr.abundance_draws(fit, wide, session=label)
        noise.append(told.realised["wide"] - told.expected["wide"])
    assert abs(np.corrcoef(*noise)[0, 1]) < 0.2


def test_trend__middle_of_the_dates_tells_the_year(make_years, make_session, make_fit, make_mask):
    first = ["2019-07-02", "2022-07-02"]
    dated = [
        Session(s.name, s.traps, Usage(s.usage.effort, first_day=np.datetime64(day)), s.captures)
        for s, day in zip(sessions_of(make_session, ("before", "after")), first, strict=True)
    ]
    survey = Survey(tuple(dated))
    fit = make_fit(survey, make_mask(7, 6), YEARLY, draws=np.tile(DRAWS * [1, 0, 1, 1], (40, 1)))
    row = row_of(scr.trend(fit), "yearly rate")
    assert row["years"] == pytest.approx(3.0, abs=0.005)
    assert row["median"] == pytest.approx(0.0, abs=1e-9)


def test_trend__without_years_has_changes_alone_and_says_what_to_do(make_years):
    fit = make_years(("old", "new"), scr.ModelSpec(density="~ session"))
    with pytest.warns(ScrWarning, match="Nothing tells in which years the sessions old, new were"):
        table = scr.trend(fit)
    assert set(table["quantity"]) == {"change", "difference"}
    assert (table["first"] == "old").all()
    given = scr.trend(fit, years={"old": 2020, "new": 2022})
    assert row_of(given, "yearly rate")["years"] == 2.0


def test_trend__refuses_what_tells_of_no_change(make_years, make_mask):
    with pytest.raises(FitError, match=r"Density is the same in all sessions.*'~ year'"):
        scr.trend(make_years(spec=scr.ModelSpec(lambda0="~ session")))
    with pytest.raises(FitError, match=r"this survey has one"):
        scr.trend(make_years(("2020",), scr.ModelSpec()))
    with pytest.raises(FitError, match=r"sessions names '2019'.*'2020', '2021', '2023'"):
        scr.trend(make_years(), sessions=["2019", "2020"])
    with pytest.raises(FitError, match="years lacks '2021', '2023'"):
        scr.trend(make_years(), years={"2020": 2020.0})


def test_trend__refuses_sessions_that_count_different_ground(make_years, make_mask):
    one, two = make_mask(7, 6), make_mask(9, 6)
    both = np.concatenate([one.xy, two.xy])
    labels = np.array(["2020"] * len(one) + ["2021"] * len(two), dtype=object)
    mask = scr.HabitatMask(xy=both, cell_area=1.0, crs="local", spacing=1000.0, session=labels)
    fit = make_years(("2020", "2021"), mask=mask)
    with pytest.raises(MaskError, match=r"42 km2 in 2020, 54 km2 in 2021"):
        scr.trend(fit)
    part = scr.Region("part", shapely.box(0, 0, 7000, 6000), crs="local")
    assert len(scr.trend(fit, part)) == 6


def test_model__a_year_of_sessions_gives_way_to_that_of_cells(make_session, make_fit, make_mask):
    mask = make_mask(7, 6).with_covariate("year", np.linspace(0.0, 1.0, 42))
    survey = Survey(tuple(sessions_of(make_session, LABELS)))
    fit = make_fit(survey, mask, YEARLY, draws=np.tile(DRAWS, (40, 1)))
    assert fit.problem.design.density_columns[:42, 1].tolist() == mask.covariates["year"].tolist()
    with pytest.raises(FitError, match="the same in all sessions"):
        scr.trend(fit)


def test_model__the_year_is_that_of_the_labels_where_nothing_else_tells(make_session, make_mask):
    survey = Survey(tuple(sessions_of(make_session, LABELS)))
    assert YEARLY.coefficient_names(survey, make_mask(7, 6))[1] == "density.year"
    one = Survey(survey.sessions[:1])
    with pytest.raises(FormulaError, match="several sessions with dates"):
        YEARLY.coefficient_names(one, make_mask(7, 6))

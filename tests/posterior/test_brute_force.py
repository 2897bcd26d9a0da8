"""Every product of a fit against plain sampling of centres, animal by animal, draw by draw.

The sampler below knows only the cells, the plain likelihood of a history in each cell and Bayes'
rule; it shares no code with ``scr.posterior``.
"""

import numpy as np
import pytest
import shapely
from scipy.stats import ks_2samp

from scr.habitat.region import Region
from scr.likelihood.reference import history_log_probability, p_dot
from scr.model.spec import ModelSpec
from scr.posterior.abundance import abundance_draws
from scr.posterior.activity_centres import activity_centre, activity_centres
from scr.posterior.contours import cells_that_hold
from scr.posterior.density import density_surface, realised_density
from scr.posterior.realised import realised_draws

N_THETAS, TIMES = 150, 20
THETA = np.array([np.log(0.3), 0.0002, np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])
BY_SEX = ModelSpec(density="~ x", lambda0="~ sex", sigma="~ sex")
ZONES = {
    "slanted": shapely.Polygon([(300, 400), (4700, 900), (3200, 5600), (800, 4100)]),
    "small": shapely.box(2100, 2150, 2800, 2650),
    "east": shapely.box(3500, 0, 7000, 6000),
}


@pytest.fixture(scope="module")
def made():
    return {}


@pytest.fixture
def fit(made, make_fit, make_mask, sexed_session):
    if "fit" not in made:
        spread = np.array([0.2, 5e-5, 0.15, 0.1, 0.08, 0.05, 0.3])
        thetas = THETA + spread * np.random.default_rng(1).standard_normal((N_THETAS, 7))
        made["fit"] = make_fit(sexed_session, make_mask(7, 6), BY_SEX, draws=thetas)
    return made["fit"]


@pytest.fixture
def plain(made, fit):
    """Places of all animals in each of many draws: arrays of draw, x, y, and of caught animals."""
    if "plain" not in made:
        made["plain"] = sample_everyone(fit, np.random.default_rng(7))
    return made["plain"]


@pytest.fixture
def draws(made, fit):
    if "draws" not in made:
        thetas = np.repeat(fit.draws, TIMES, axis=0)
        made["draws"] = realised_draws(fit, thetas, np.random.default_rng(3))
    return made["draws"]


def sample_everyone(fit, rng):
    (data,) = fit.problem.sessions
    n_classes, n_cells = data.n_classes, data.n_cells
    cell_of = {animal: [] for animal in range(data.n_animals)}
    counts, draw_of, xy = [], [], []
    for i, theta in enumerate(fit.draws):
        arrays = fit.problem.design.arrays(theta)
        density = np.exp(arrays.log_density[0] + arrays.log_share[0][:, None]) * data.cell_area
        missed = density * (1 - p_dot(data, arrays, fit.spec.family))
        posterior = []
        for animal in range(data.n_animals):
            history = history_log_probability(data, arrays, fit.spec.family, animal=animal)
            joint = density * np.exp(history) * data.animals.allowed[animal][:, None]
            posterior.append((joint / joint.sum()).ravel())
        for repeat in range(TIMES):
            cells = [rng.choice(n_classes * n_cells, p=p) % n_cells for p in posterior]
            for animal, cell in enumerate(cells):
                cell_of[animal].append(cell)
            for class_ in range(n_classes):
                number = rng.poisson(missed[class_].sum())
                shares = missed[class_] / missed[class_].sum()
                cells += rng.choice(n_cells, size=number, p=shares).tolist()
            counts.append(np.bincount(cells, minlength=n_cells))
            draw_of += [i * TIMES + repeat] * len(cells)
            xy.append(data.cell_xy[cells] + rng.uniform(-500, 500, (len(cells), 2)))
    return {
        "counts": np.array(counts),
        "draw": np.array(draw_of),
        "xy": np.concatenate(xy),
        "centre": {animal: np.array(cells) for animal, cells in cell_of.items()},
    }


def numbers_in(plain, zone):
    inside = shapely.contains_xy(zone, plain["xy"])
    return np.bincount(plain["draw"][inside], minlength=N_THETAS * TIMES)


def test_realised_density__summaries_are_those_of_sampled_centres(fit, plain, draws):
    found = realised_density(fit, draws=draws, threshold=150).summary
    counts = plain["counts"]  # cells of 1 km2: 100 animals per 100 km2 for each animal
    n, sd = len(counts), counts.std(axis=0)
    tolerance = 5 * np.sqrt(2) * sd / np.sqrt(n)
    assert (np.abs(found["mean"] / 100 - counts.mean(axis=0)) < tolerance).all()
    np.testing.assert_allclose(found["sd"] / 100, sd, rtol=0.25)
    above = (counts > 1.5).mean(axis=0)
    assert (np.abs(found["p_above_150"] - above) < 5 * np.sqrt(0.5 / n)).all()
    for column, share in (("q2.5", 0.025), ("median", 0.5), ("q75", 0.75), ("q97.5", 0.975)):
        quantile = found[column].to_numpy() / 100
        assert ((counts <= quantile).mean(axis=0) > share - 5 * np.sqrt(0.5 / n)).all()
        assert ((counts < quantile).mean(axis=0) < share + 5 * np.sqrt(0.5 / n)).all()


def test_abundance_draws__zones_hold_as_many_animals_as_sampled_centres(fit, plain, draws):
    regions = {name: Region(name, zone, crs="local") for name, zone in ZONES.items()}
    found = abundance_draws(fit, regions, draws=draws).realised
    sampled = {name: numbers_in(plain, zone) for name, zone in ZONES.items()}
    for name in ZONES:
        assert ks_2samp(found[name], sampled[name]).pvalue > 1e-4
        assert found[name].std() == pytest.approx(sampled[name].std(), rel=0.1)
    one = found["slanted"] - found["east"]
    other = sampled["slanted"] - sampled["east"]
    assert ks_2samp(one, other).pvalue > 1e-4
    assert one.std() == pytest.approx(other.std(), rel=0.1)
    together = np.corrcoef(found["slanted"], found["east"])[0, 1]
    assert together == pytest.approx(np.corrcoef(*list(sampled.values())[::2])[0, 1], abs=0.1)


def test_abundance_draws__cells_sum_to_the_number_in_every_draw(fit, draws):
    whole = abundance_draws(fit, draws=draws)
    np.testing.assert_array_equal(whole.realised.iloc[:, 0], draws.counts(0).sum(axis=1))
    thetas = draws.thetas
    by_cell = np.exp(thetas @ np.pad(fit.problem.design.density_columns, ((0, 0), (0, 5))).T)
    np.testing.assert_allclose(whole.expected.iloc[:, 0], by_cell.sum(axis=1), rtol=1e-12)
    surface = density_surface(fit, max_draws=N_THETAS)
    assert surface.summary["mean"].sum() / 100 == pytest.approx(whole.expected.iloc[:, 0].mean())


def test_activity_centres__are_where_sampled_centres_lie(fit, plain):
    centres = activity_centres(fit, "1", max_draws=N_THETAS)
    n = N_THETAS * TIMES
    for animal, name in enumerate(centres.individuals):
        share = np.bincount(plain["centre"][animal], minlength=42) / n
        probability = centres.probability[animal]
        error = np.sqrt(probability * (1 - probability) / n)
        assert (np.abs(share - probability) < 5 * error + 1e-3).all()
        alone = activity_centre(fit, name, max_draws=N_THETAS).summary["mean"] / 100
        np.testing.assert_allclose(alone, probability, rtol=1e-9, atol=1e-12)
        held = cells_that_hold(centres.mask, probability, 0.95)
        assert share[held].sum() == pytest.approx(probability[held].sum(), abs=0.03)
        assert probability[held].sum() >= 0.95

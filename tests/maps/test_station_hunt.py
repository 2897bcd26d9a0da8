"""Attempts to find stations from public rasters, none of which may do better than chance.

Stations of these surveys are drawn at random from the cells, so that chance is known exactly: the
guesses of an attacker stay, stations are drawn anew many times, and the hits are counted.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy import ndimage

from scr.fit.laplace import fit_laplace
from scr.habitat.mask import HabitatMask, MaskExtent
from scr.habitat.region import Region
from scr.maps.grid import grid_of
from scr.maps.public import PUBLIC_COLUMNS, public_cells, public_surface
from scr.maps.results.rasters import write_raster
from scr.model.spec import ModelSpec
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import detectability_surface, largest_sigma
from scr.posterior.footprint import take_cells
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SIDE, WIDTH, MARGIN = 1000.0, 24, 8
N_STATIONS, SIGMA, N_REDRAWN = 20, 1500.0, 4999
LEVEL = 0.01
"""Probability that any attacker of those below should seem to do better by chance alone."""

TRUTH = {
    "density.Intercept": np.log(0.12),
    "density.ridge": 0.5,
    "lambda0.Intercept": np.log(0.2),
    "sigma.Intercept": np.log(SIGMA),
}
PARK = Region(
    "Park", shapely.box(700_000, 4_700_000, 700_000 + WIDTH * SIDE, 4_700_000 + WIDTH * SIDE),
    crs="EPSG:32652",
)  # fmt: skip


def park_cells():
    """Centres of the cells of the park, shape (n_cells, 2)."""
    axis = SIDE * (np.arange(WIDTH) + 0.5)
    x, y = np.meshgrid(700_000 + axis, 4_700_000 + axis)
    return np.column_stack([x.ravel(), y.ravel()])


def ridge(xy):
    """A covariate that knows nothing of stations."""
    u, v = (xy - [700_000, 4_700_000]).T / 6000.0
    return np.sin(u + 0.5) * np.cos(0.8 * v) + 0.3 * np.sin(2.1 * u - v)


def mask_about(low, high, *, near=None):
    """Cells of a square, or those of it within the margin of a station."""
    axis = SIDE * (np.arange(low, high) + 0.5)
    x, y = np.meshgrid(700_000 + axis, 4_700_000 + axis)
    xy = np.column_stack([x.ravel(), y.ravel()])
    if near is not None:
        distance = np.hypot(*(xy[:, None] - near).transpose(2, 0, 1)).min(axis=1)
        xy = xy[distance <= MARGIN * SIDE]
    covariates = pd.DataFrame({"ridge": ridge(xy)})
    return HabitatMask(
        xy=xy,
        cell_area=1.0,
        crs="EPSG:32652",
        spacing=SIDE,
        covariates=covariates,
        extent=MaskExtent(buffer=MARGIN * SIDE),
    )


def fit_of(stations, mask, *, seed):
    """A survey of these stations, simulated and fitted."""
    traps = Traps(
        names=[f"S{k}" for k in range(len(stations))], xy=stations, crs="EPSG:32652", source="made"
    )
    plan = plan_survey(traps, Usage(np.ones((len(stations), 20))))
    spec = ModelSpec(density="~ ridge")
    survey, _ = simulate_survey(plan, mask, spec, coefficients=TRUTH, seed=seed)
    return fit_laplace(survey, mask, spec, draws=400, seed=seed, check_mask=False, cores=1)


@dataclass(frozen=True, eq=False)
class Published:
    """A raster, band by band on the cells shown, and where the stations really were."""

    bands: dict[str, np.ndarray]
    centres: np.ndarray
    stations: np.ndarray

    @property
    def shown(self):
        return np.isfinite(next(iter(self.bands.values())))


def read(path, stations):
    with rasterio.open(path) as dataset:
        bands = dict(zip(dataset.descriptions, dataset.read(), strict=True))
        centres = centres_of(dataset.transform, dataset.read(1))
    return Published(bands, centres, stations)


def centres_of(transform, values):
    """Centres of pixels, shape (n_rows, n_columns, 2)."""
    rows, columns = np.indices(values.shape)
    x = transform.c + transform.a * (columns + 0.5)
    return np.dstack([x, transform.f + transform.e * (rows + 0.5)])


def layers_of(raster):
    """Bands, and what limits say beyond the estimate."""
    layers = dict(raster.bands)
    if {"median", "q2.5", "q97.5"} <= set(layers):
        low, high = layers["q2.5"], layers["q97.5"]
        layers["width"] = high - low
        layers["relative width"] = np.log(high / low)
        layers["skew"] = np.log(high * low) - 2 * np.log(layers["median"])
    return layers


def smooth(values, size):
    """Mean of a neighbourhood, of the cells that are shown."""
    known = np.isfinite(values)
    total = ndimage.uniform_filter(np.where(known, values, 0.0), size, mode="constant")
    return total / np.maximum(
        ndimage.uniform_filter(known.astype(float), size, mode="constant"), 1e-9
    )


def attacks_on_values(values):
    """Scores of cells, large where a station is suspected: extremes, peaks, pits, edges."""
    local = smooth(values, 3)
    around = smooth(values, 7)
    slope = np.hypot(*np.gradient(local))
    return {
        "high": values,
        "low": -values,
        "peak": local - around,
        "pit": around - local,
        "edge": np.where(np.isfinite(slope), slope, 0.0),
        "flat": np.where(np.isfinite(slope), -slope, 0.0),
        "bend": np.abs(local - around),
    }


def attacks_on_outline(shown):
    """Scores by distance from the outline, by its corners, and by holes within it."""
    padded = np.pad(shown, 1)
    inner = ndimage.distance_transform_edt(padded)[1:-1, 1:-1]
    holes = ndimage.binary_fill_holes(padded)[1:-1, 1:-1] & ~shown
    from_hole = ndimage.distance_transform_edt(~holes) if holes.any() else np.zeros(shown.shape)
    crowded = smooth(shown.astype(float), 7)
    between = -np.abs(inner - np.median(inner[shown]))
    return {
        "inner": inner,
        "between": between,
        "rim": -inner,
        "off the rim": np.where(inner > 3, 1.0, 0.0),
        "corners": -crowded,
        "holes": -from_hole,
    }


def attackers(raster):
    """Every attacker's scores of the cells."""
    scores = {f"outline, {name}": s for name, s in attacks_on_outline(raster.shown).items()}
    for layer, values in layers_of(raster).items():
        # A constant layer tells nothing: its rounding is no score.
        spread = np.nanstd(values) > 1e-6 * np.nanmax(np.abs(values))
        for name, score in attacks_on_values(
            values if spread else np.where(raster.shown, 0.0, np.nan)
        ).items():
            scores[f"{layer}, {name}"] = score
    return scores


def guesses(raster, score, rng):
    """The best cells, no two within sigma of each other; ties at random."""
    cells = np.flatnonzero(raster.shown.ravel())
    xy = raster.centres.reshape(-1, 2)
    order = cells[np.lexsort([rng.random(len(cells)), -score.ravel()[cells]])]
    chosen = []
    for cell in order:
        if all(np.hypot(*(xy[cell] - xy[c])) > SIGMA for c in chosen):
            chosen.append(cell)
        if len(chosen) == N_STATIONS:
            break
    return xy[chosen]


def hits_of(found, places):
    """For each place, whether a guess lies within sigma of it."""
    return np.hypot(*(places[:, None] - found).transpose(2, 0, 1)).min(axis=1) <= SIGMA


def within_cells(points, centres):
    """Whether each point lies in one of the cells."""
    return (np.abs(points[:, None] - centres).max(axis=2) <= SIDE / 2).any(axis=1)


def chances(rasters, *, attackers=attackers, seed=1):
    """P value of every attacker: stations found, against stations drawn anew from the cells."""
    rng = np.random.default_rng(seed)
    found, by_chance = {}, {}
    for raster in rasters:
        places = raster.centres[raster.shown]
        stations = raster.stations[within_cells(raster.stations, places)]
        inside = len(stations)
        drawn = rng.random((N_REDRAWN, len(places))).argpartition(inside, axis=1)[:, :inside]
        for name, score in attackers(raster).items():
            guessed = guesses(raster, score, rng)
            found[name] = found.get(name, 0) + hits_of(guessed, stations).sum()
            again = hits_of(guessed, places)[drawn].sum(axis=1)
            by_chance[name] = by_chance.get(name, 0) + again
    return {name: (1 + (by_chance[name] >= n).sum()) / (1 + N_REDRAWN) for name, n in found.items()}


def no_better_than_chance(p_values):
    """Attackers that do better, after the correction of Bonferroni for their number."""
    return {name: p for name, p in p_values.items() if p <= LEVEL / len(p_values)}


def write_rasters(fit, folder):
    """What the public gets, and two private surfaces."""
    expected = public_surface(density_surface(fit), [PARK], sigma=largest_sigma(fit))
    write_raster(expected, folder / "public.tif")
    write_raster(detectability_surface(fit), folder / "detectability.tif")
    write_raster(realised_density(fit, n_draws=100), folder / "realised.tif")


@pytest.fixture(scope="module")
def surveys(tmp_path_factory):
    """Folders of three surveys of one park, which the masks reach whole, with their stations."""
    made = []
    for seed in (11, 12, 13):
        rng = np.random.default_rng(seed)
        stations = park_cells()[rng.choice(WIDTH**2, N_STATIONS, replace=False)]
        stations = stations + rng.uniform(-0.4, 0.4, stations.shape) * SIDE
        folder = tmp_path_factory.mktemp("survey")
        write_rasters(fit_of(stations, mask_about(-MARGIN, WIDTH + MARGIN), seed=seed), folder)
        made.append((folder, stations))
    return made


def rasters_of(surveys, name, *, bands):
    found = [read(folder / name, stations) for folder, stations in surveys]
    return [replace(raster, bands={b: raster.bands[b] for b in bands}) for raster in found]


def test_public_rasters__let_no_attacker_find_stations(surveys):
    p_values = chances(rasters_of(surveys, "public.tif", bands=PUBLIC_COLUMNS))
    assert len(p_values) == 6 + 6 * 7
    assert no_better_than_chance(p_values) == {}


@pytest.mark.parametrize(
    ("name", "band"), [("detectability", "mean"), ("realised", "mean"), ("realised", "sd")]
)
def test_private_rasters__give_their_stations_away_to_the_same_attackers(surveys, name, band):
    p_values = chances(rasters_of(surveys, f"{name}.tif", bands=[band]))
    assert no_better_than_chance(p_values)


def outlines(shown_of, *, n_surveys=16):
    """What is shown of many surveys without a named region, the stations anywhere in a square."""
    rng = np.random.default_rng(5)
    made = []
    for _ in range(n_surveys):
        stations = park_cells()[rng.choice(WIDTH**2, N_STATIONS, replace=False)]
        stations = stations + rng.uniform(-0.4, 0.4, stations.shape) * SIDE
        stations += SIDE * rng.integers(0, MARGIN, 2)  # where blocks begin says nothing
        mask = mask_about(-MARGIN - 1, WIDTH + 2 * MARGIN + 1, near=stations)
        shown = take_cells(mask, shown_of(mask))
        grid = grid_of(shown)
        values = grid.filled(np.ones(len(shown)))
        made.append(Published({"outline": values}, centres_of(grid.transform, values), stations))
    return made


def by_outline(raster):
    return attacks_on_outline(raster.shown)


def test_public_cells__have_no_outline_that_shows_stations():
    shown = outlines(lambda mask: public_cells(mask, None, sigma=SIGMA))
    p_values = chances(shown, attackers=by_outline)
    assert no_better_than_chance(p_values) == {}


def test_public_cells__are_needed_as_the_outline_of_a_mask_shows_stations():
    p_values = chances(outlines(lambda mask: np.arange(len(mask))), attackers=by_outline)
    assert "inner" in no_better_than_chance(p_values)

"""Covariates of any origin and unit, places in metres, columns that depend on each other."""

import numpy as np
import pandas as pd
import pytest
from covariate_units import SEEDS, simulated
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.errors import ConvergenceWarning, FormulaError, MaskError, MaskWarning
from scr.model.default_prior import model_prior
from scr.model.design import build_design
from scr.survey.survey import Session


def quick(survey, mask, engine="laplace", *, draws=500, **spec):
    options = {"draws": draws} if engine == "laplace" else {}
    return getattr(scr, f"fit_{engine}")(
        survey, mask, scr.ModelSpec(**spec), check_mask=False, **options
    )


def assert_same(one, other, *, relative=1e-5):
    """The same surface, with its sd, and the same numbers with their limits."""
    for name in ("median", "sd", "q2.5", "q97.5"):
        np.testing.assert_allclose(
            scr.density_surface(other).summary[name],
            scr.density_surface(one).summary[name],
            rtol=relative,
        )
    columns = ["median", "lower", "upper", "sd"]
    a, b = (scr.abundance(fit).set_index("estimand")[columns] for fit in (one, other))
    assert np.isfinite(a.to_numpy()).all()
    np.testing.assert_allclose(b.loc["expected N"], a.loc["expected N"], rtol=relative)
    # Realised numbers are whole: a draw at the edge of two may fall to either side.
    np.testing.assert_allclose(b.loc["realised N"], a.loc["realised N"], rtol=0.02)


@pytest.fixture(scope="module")
def elevations():
    """A survey of uncentred-covariate: elevation 4,200 m +- 300 m, slope 1 per sd."""
    survey, mask = simulated(SEEDS[0])
    z = mask.covariates["z"].to_numpy()
    mask = mask.with_covariate("tiny", 1e-6 * z)
    mask = mask.with_covariate("w", np.cos(mask.xy[:, 1] / 4000))
    mask = mask.with_covariate("percent", 85 + 6 * mask.covariates["w"].to_numpy())
    high = np.select([z < -0.7, z < 0.7], ["low", "middle"], "high").astype(object)
    mask = mask.with_covariate("belt", high)
    return survey, mask.with_covariate("belt_again", np.where(high == "low", "zone", high))


@pytest.mark.parametrize("engine", ["laplace", "mle"])
@pytest.mark.parametrize("unit", ["metres", "kilometres", "far", "tiny"])
def test_uncentred_covariate__any_unit_gives_the_surface_of_the_scaled_one(
    elevations, engine, unit
):
    scaled = quick(*elevations, engine, density="~ scale(z)")

    fit = quick(*elevations, engine, density=f"~ {unit}")

    assert all(check.passed for check in fit.checks)
    assert_same(scaled, fit)
    sd = float(elevations[1].covariates[unit].std())
    slope, expected = fit.coefficients.iloc[1], scaled.coefficients.iloc[1]
    for name in ("estimate", "lower", "upper"):
        assert slope[name] * sd == pytest.approx(expected[name], rel=1e-5)


def test_uncentred_covariate__and_by_nuts(elevations):
    few = {"draws": 200, "tune": 150, "chains": 2, "check_mask": False, "progress": False}
    with pytest.warns(ConvergenceWarning):
        one, other = (
            scr.fit_nuts(*elevations, scr.ModelSpec(density=text), **few)
            for text in ("~ scale(z)", "~ metres")
        )

    # Chains magnify rounding: the same up to their Monte Carlo error, a few hundred draws each.
    before, after = (scr.density_surface(fit).summary for fit in (one, other))
    assert (np.abs(after["median"] - before["median"]) < 0.3 * before["sd"]).all()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("~ metres + I(metres**2)", "~ poly(z, 2)"),
        ("~ metres * percent", "~ z * w"),
        ("~ metres + percent", "~ z + w"),
        ("~ percent + metres", "~ w + scale(z)"),
    ],
)
def test_uncentred_covariate__relatives_with_several_columns(elevations, first, second):
    assert_same(quick(*elevations, density=second), quick(*elevations, density=first))


def test_uncentred_covariate__another_reference_of_a_factor_is_the_same_model(elevations):
    # The axes differ, so that draws do: the maximum and its curvature do not.
    fits = [quick(*elevations, "mle", density=f"~ {name}") for name in ("belt", "belt_again")]

    assert fits[0].coefficient_names != fits[1].coefficient_names
    assert fits[0].log_likelihood == pytest.approx(fits[1].log_likelihood, abs=1e-6)
    (surface, se), (again, se_again) = (
        (fit.problem.design.log_density(fit.point, 0), log_se_of_density(fit)) for fit in fits
    )
    np.testing.assert_allclose(again, surface, atol=1e-4)
    np.testing.assert_allclose(se_again, se, rtol=1e-3)


def log_se_of_density(fit):
    design = fit.problem.design
    return np.linalg.norm(design.density_columns @ fit.vcov_root[design.blocks["density"]], axis=1)


def test_uncentred_covariate__relative_a_covariate_of_the_stations(elevations):
    survey, mask = elevations
    session = survey.sessions[0]
    height = np.sin(session.traps.xy[:, 0] / 3000)
    traps = scr.Traps(
        names=session.traps.names,
        xy=session.traps.xy,
        crs="local",
        session=session.traps.session,
        covariates=pd.DataFrame({"height": 2000 + 40 * height, "plain": height}),
    )
    survey = scr.Survey(
        (Session(session.name, traps, session.usage, session.captures),), survey.detector
    )
    fits = [quick(survey, mask, lambda0=f"~ {n}", sigma=f"~ {n}") for n in ("plain", "height")]

    assert_same(*fits)


def test_uncentred_covariate__relative_far_cells_do_not_flatten_the_slope(elevations):
    survey, _ = elevations
    traps = survey.sessions[0].traps
    priors, slopes = [], []
    for buffer, wild in ((9000, False), (12_000, True)):
        mask = scr.build_mask(traps, buffer=buffer, spacing=1000)
        forest = np.sin(mask.xy[:, 0] / 3000)
        away = np.min([np.hypot(*(mask.xy - place).T) for place in traps.xy], axis=0)
        forest = np.where((away > 11_000) & wild, 80.0, forest)
        mask = mask.with_covariate("forest", forest)
        spec = scr.ModelSpec(density="~ forest")
        priors.append(model_prior(build_design(survey, mask, spec)).marginals()["density.forest"])
        slopes.append(quick(survey, mask, density="~ forest").coefficients["se"].iloc[1])

    assert priors[1].sd == pytest.approx(priors[0].sd, rel=1e-6)
    assert slopes[1] > 0.05


@pytest.mark.usefixtures("without_pictures")
def test_uncentred_covariate__through_the_command_line(good):
    # The forest of the good survey, in per cent and far from zero, against scale().
    good.replace("survey.toml", "spacing = 1_000", "spacing = 2_000")
    run = CliRunner().invoke(app, ["fit", str(good.folder), "--engine", "laplace"])
    assert run.exit_code == 0, run.output
    table = pd.read_csv(good.path("results/public/abundance.csv")).set_index("estimand")
    fit = scr.load_fit(good.path("results/private/fit.nc"))

    again = quick(fit.survey, fit.mask, density="~ scale(forest)", lambda0="~ sex", draws=4000)

    assert fit.coefficient_names[1] == "density.forest"
    reserve = scr.read_reserve(good.path("reserve.geojson"))
    expected = scr.abundance(again, region=reserve).set_index("estimand")
    for name in ("median", "lower", "upper"):
        assert table.loc["expected N", name] == pytest.approx(
            expected.loc["expected N", name],
            rel=5e-3,  # three digits are written
        )


@pytest.fixture
def trend(troubled):
    """The survey of trend-realised-inf."""
    folder = troubled("trend-realised-inf")
    traps = scr.read_traps(folder.path("stations.csv"), crs="EPSG:32652")
    survey = scr.read_survey(
        folder.path("detections.csv"), traps, usage=folder.path("deployments.csv")
    )
    return survey, scr.read_mask(folder.path("mask.csv"), crs="EPSG:32652", spacing=500)


@pytest.mark.parametrize(
    ("engine", "raw", "scaled"),
    [
        ("mle", "~ x + y", "~ scale(x) + scale(y)"),
        ("laplace", "~ x + y", "~ scale(x) + scale(y)"),
        ("mle", "~ y", "~ scale(y)"),
        ("laplace", "~ x * y", "~ scale(x) * scale(y)"),
        ("laplace", "~ x + y + I(y**2)", "~ scale(x) + poly(y, 2)"),
    ],
)
def test_trend__in_metres_is_that_of_scaled_places(trend, engine, raw, scaled):
    fits = [quick(*trend, engine, density=text) for text in (scaled, raw)]

    assert_same(*fits)
    surfaces = [scr.realised_density(fit).summary for fit in fits]
    assert np.isfinite(surfaces[1]["sd"]).all()
    assert surfaces[1]["sd"].sum() == pytest.approx(surfaces[0]["sd"].sum(), rel=0.01)


@pytest.mark.usefixtures("without_pictures")
def test_trend__through_the_command_line(troubled):
    folder = troubled("trend-realised-inf")

    run = CliRunner().invoke(app, ["fit", str(folder.folder)])

    assert run.exit_code == 0, run.output
    table = pd.read_csv(folder.path("results/public/abundance.csv")).set_index("estimand")
    fit = scr.load_fit(folder.path("results/private/fit.nc"))
    scaled = quick(fit.survey, fit.mask, "mle", density="~ scale(x) + scale(y)")
    reserve = scr.read_reserve(folder.path("reserve.geojson"), crs="EPSG:32652")
    with pytest.warns(MaskWarning):
        expected = scr.abundance(scaled, region=reserve).set_index("estimand")
    columns = ["median", "lower", "upper"]
    np.testing.assert_allclose(  # three digits are written, and whole animals
        table[columns].astype(float), expected.loc[table.index, columns], rtol=0.02
    )
    assert " -0.000 " not in run.output


@pytest.mark.parametrize(
    ("columns", "formula", "told"),
    [
        ({"km": lambda z: 4.2 + 0.3 * z}, "~ z + km", "km follows from z. Leave out km"),
        (
            {"a": lambda z: np.cos(3 * z), "b": lambda z: z + 5 * np.cos(3 * z) - 40},
            "~ z + a + b",
            "b follows from z and a",
        ),
        ({"flat": lambda z: 1e8 + 0 * z}, "~ z + flat", "flat is constant"),
        ({"nearly": lambda z: z + 1e-8 * np.sin(9 * z)}, "~ z + nearly", "nearly nearly follows"),
        (
            {"far": lambda z: 1e8 + z},
            "~ far + I(far**2)",
            r"follows from far.*centre it first, as scale\(\) does",
        ),
    ],
)
def test_collinear__columns_are_named(elevations, columns, formula, told):
    survey, mask = elevations
    for name, make in columns.items():
        mask = mask.with_covariate(name, make(mask.covariates["z"].to_numpy()))

    for engine in ("laplace", "mle"):
        with pytest.raises(FormulaError, match=told):
            quick(survey, mask, engine, density=formula)


def test_collinear__covariates_of_stations_are_named(elevations):
    survey, mask = elevations
    session = survey.sessions[0]
    height = np.sin(session.traps.xy[:, 0] / 3000)
    traps = scr.Traps(
        names=session.traps.names,
        xy=session.traps.xy,
        crs="local",
        session=session.traps.session,
        covariates=pd.DataFrame({"m": 2000 + 40 * height, "feet": (2000 + 40 * height) / 0.3048}),
    )
    again = Session(session.name, traps, session.usage, session.captures)

    with pytest.raises(FormulaError, match=r"sigma.*feet follows from m"):
        quick(scr.Survey((again,), survey.detector), mask, sigma="~ m + feet")


def test_collinear__through_the_command_line(good):
    good.replace("survey.toml", '"~ forest"', '"~ x + I(x / 1000)"')

    checked = good.checked()

    assert checked.exit_code != 0
    assert "follows from x" in checked.words
    assert "Leave out" in checked.words


def far_level(mask, traps):
    away = np.min([np.hypot(*(mask.xy - place).T) for place in traps.xy], axis=0)
    return np.where(away > 8000, "lake", "land").astype(object)


def test_within_reach__a_level_that_lies_far_off_is_named(elevations):
    survey, _ = elevations
    traps = survey.sessions[0].traps
    mask = scr.build_mask(traps, buffer=9500, spacing=1000)
    mask = mask.with_covariate("cover", far_level(mask, traps))

    with pytest.warns(MaskWarning, match=r"within 6 km .* cover\[T.land\] is constant"):
        fit = quick(survey, mask, density="~ cover")

    failed = [check.name for check in fit.checks if not check.passed]
    assert "within_reach" in failed


def test_within_reach__through_the_command_line(good):
    stations = good.table("stations.csv")[["x", "y"]].astype(float).to_numpy()
    traps = scr.Traps(names=np.arange(len(stations)).astype(str), xy=stations, crs="EPSG:32652")
    mask = scr.build_mask(traps, buffer=9000, spacing=1000)
    table = pd.DataFrame({"x": mask.xy[:, 0], "y": mask.xy[:, 1], "cover": far_level(mask, traps)})
    good.save("mask.csv", table)
    toml = good.path("survey.toml").read_text()
    toml = toml.replace('exclude = ["lake.geojson"]\n', "").replace("buffer = 9_000\n", "")
    toml = toml.replace("spacing = 1_000\n", 'cells = "mask.csv"\n').replace("~ forest", "~ cover")
    toml = toml.replace('[covariates]\nforest = { raster = "forest.tif" }\n', "")
    good.write("survey.toml", toml)

    checked = good.checked()

    assert "cover[T.land] is constant" in checked.words, checked.words


@pytest.fixture
def two_masks(troubled):
    """The masks of region-scaled-by-itself, a maker of regions, and a fit."""
    folder = troubled("region-scaled-by-itself")
    traps = scr.read_traps(folder.path("stations.csv"), crs="EPSG:32652")
    survey = scr.read_survey(
        folder.path("detections.csv"), traps, usage=folder.path("deployments.csv")
    )
    table = pd.read_csv(folder.path("mask.csv"))
    west = scr.read_mask(table[table.x < 432_000][["x", "y"]], crs="EPSG:32652", spacing=500)

    def sampled(cells, standardise):
        return scr.sample_raster(
            cells, folder.path("forest.tif"), name="forest", standardise=standardise
        )

    def fitted(standardise):
        mask = sampled(scr.build_mask(traps, buffer=6000, spacing=500), standardise)
        return scr.fit_mle(survey, mask, scr.ModelSpec(density="~ forest"), check_mask=False)

    return fitted, lambda standardise: sampled(west, standardise)


RIGHT = 14.94


def test_region_scaled_by_itself__is_put_on_the_scale_of_the_fit(two_masks):
    fitted, region = two_masks
    fit = fitted(True)
    for standardise in (True, fit.mask.constants["forest"], (50.0, 3.0)):
        cells = region(standardise)
        assert scr.abundance(fit, region=cells)["median"].iloc[0] == pytest.approx(RIGHT, abs=0.01)
        named = scr.abundance(fit, region={"west": cells})
        assert named["median"].iloc[0] == pytest.approx(RIGHT, abs=0.01)
        surface = scr.density_surface(fit, mask=cells).summary["median"].to_numpy()
        total = surface @ cells.cell_area / 100
        assert total == pytest.approx(RIGHT, abs=0.01)


def test_region_scaled_by_itself__without_a_scale_is_refused(two_masks):
    fitted, region = two_masks
    fit = fitted(True)

    for ask in (
        lambda cells: scr.abundance(fit, region=cells),
        lambda cells: scr.abundance(fit, region={"west": cells}),
        lambda cells: scr.density_surface(fit, mask=cells),
    ):
        with pytest.raises(MaskError, match=r"standardise=fit.mask.constants\['forest'\]"):
            ask(region(False))


def test_region_scaled_by_itself__of_a_fit_with_raw_values(two_masks):
    fitted, region = two_masks
    fit = fitted(False)

    for standardise in (True, False, (50.0, 3.0)):
        total = scr.abundance(fit, region=region(standardise))["median"].iloc[0]
        assert total == pytest.approx(RIGHT, abs=0.01)


def test_region_scaled_by_itself__by_hand(two_masks):
    fitted, region = two_masks
    cells = region(False)
    forest = cells.covariates["forest"].to_numpy()
    own = cells.with_covariate("forest", (forest - forest.mean()) / forest.std())

    for standardise in (True, False):
        with pytest.raises(MaskError):
            scr.abundance(fitted(standardise), region=own)


def test_region_scaled_by_itself__a_part_of_the_mask_is_itself(two_masks):
    fitted, _ = two_masks
    fit = fitted(True)
    part = fit.mask.xy[:, 0] < 432_000
    cells = scr.HabitatMask(
        xy=fit.mask.xy[part],
        cell_area=fit.mask.cell_area[part],
        crs=fit.mask.crs,
        spacing=500,
        covariates=fit.mask.covariates[part],
    )

    total = scr.abundance(fit, region=cells).set_index("estimand").loc["expected N", "median"]

    surface = scr.density_surface(fit).summary["median"].to_numpy()
    assert total == pytest.approx(surface[part] @ cells.cell_area / 100, rel=1e-6)

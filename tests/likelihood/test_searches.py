"""Searches of areas and lines, and fixes: the compiled likelihood, the plain one, brute force."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.integrate import quad
from shapely import GeometryCollection, LineString, MultiPolygon, Polygon

from scr.errors import FormulaError, MaskError
from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.centres import detectability
from scr.likelihood.kernel.searched import least_panel, sum_edges
from scr.likelihood.kernel.shapes import shape_of
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.likelihood.telemetry import only_fixed
from scr.model.detection import SHAPES
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS
from scr.survey.fixes import Fixes
from scr.survey.parts import places_of
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

FAMILIES = ["hazard_half_normal", "hazard_exponential"]
SEARCHES = [name for name, kind in DETECTORS.items() if kind.searched]
SQUARE = [(0, 0), (2000, 0), (2000, 1500), (0, 1500)]
AREAS = GeometryCollection([
    Polygon(SQUARE, holes=[[(300, 300), (300, 900), (900, 900), (900, 300)]]),
    Polygon([(2500, 500), (2500, 2500), (3500, 2600), (2900, 1500), (3600, 600)]),  # clockwise
    MultiPolygon([Polygon([(0, 2000), (800, 2000), (400, 2700)]),
                  Polygon([(1200, 2000), (1900, 2100), (1500, 2900)])]),
])  # fmt: skip
LINES = GeometryCollection([
    LineString([(0, 0), (1500, 300), (1600, 1900), (3000, 2000)]),
    LineString([(500, 2500), (2500, 2500)]),
])  # fmt: skip


def make_session(rng, name, detector, n_animals):
    kind = DETECTORS[detector]
    parts = AREAS if kind.searched == "areas" else LINES
    n_parts, n_occasions = len(parts.geoms), 3
    effort = rng.uniform(0.5, 2.0, (n_parts, n_occasions))
    effort[-1, 1] = 0.0
    counts = rng.poisson(0.5, (n_animals, n_parts, n_occasions))
    counts[:, 0, 0] = 1
    counts[:, effort == 0] = 0
    if kind.is_binary:
        first = np.cumsum(counts, axis=1) - counts == 0
        counts = np.minimum(counts, 1) * first
    individual, trap, occasion = np.nonzero(counts)
    count = counts[individual, trap, occasion]
    sexes = (["F", "M", None] * n_animals)[:n_animals]
    return Session(
        name=name,
        traps=Traps([f"P{k}" for k in range(n_parts)], places_of(parts), crs="local",
                    session=[name] * n_parts, parts=parts,
                    covariates=pd.DataFrame({"lure": rng.normal(size=n_parts)})),
        usage=Usage(effort),
        captures=CaptureHistory(
            individuals=[f"{name}-{i}" for i in range(n_animals)],
            individual=individual, occasion=occasion, trap=trap, count=count,
            xy=place_in(parts, np.repeat(trap, count), rng),
            covariates=pd.DataFrame({"sex": sexes}, dtype=object) if n_animals else pd.DataFrame(),
        ),
    )  # fmt: skip


def place_in(parts, part, rng):
    """A place in each part: on lines anywhere, in areas by trial and error."""
    places = []
    for geometry in (parts.geoms[k] for k in part):
        if geometry.geom_type == "LineString":
            point = geometry.interpolate(rng.random(), normalized=True)
            places.append((point.x, point.y))
            continue
        west, south, east, north = geometry.bounds
        while True:
            place = rng.uniform((west, south), (east, north))
            if shapely.intersects_xy(geometry, *place):
                places.append(place)
                break
    return np.array(places).reshape(-1, 2)


def make_mask(survey, rng, n_cells=16):
    """Cells of their own for each session: one in a hole, one at a corner, one on an edge."""
    labels = [session.name for session in survey.sessions]
    xy = rng.uniform(-2000, 5000, (len(labels) * n_cells, 2))
    for first in range(0, len(xy), n_cells):
        xy[first : first + 4] = [[600, 600], [2000, 1500], [1000, 0], [1400, 2400]]
    return HabitatMask(
        xy=xy,
        cell_area=rng.uniform(0.4, 1.6, len(xy)),
        crs="local",
        session=np.repeat(labels, n_cells),
        covariates=pd.DataFrame({"elev": rng.normal(size=len(xy))}),
    )


def theta_of(design, rng):
    centres = {"density": -0.5, "lambda0": -0.5, "sigma": 7.0, "share": -0.3}
    return np.array([
        (centres[name.split(".")[0]] if name.endswith("Intercept") else 0.0) + rng.normal(0, 0.3)
        for name in design.coefficient_names
    ])  # fmt: skip


def slope(function, theta, direction):
    differences = []
    for step in (1e-3, 5e-4):
        ahead, behind = theta.copy(), theta.copy()
        ahead[direction] += step
        behind[direction] -= step
        differences.append((function(ahead) - function(behind)) / (2 * step))
    return (4 * differences[1] - differences[0]) / 3


def plain_value(problem, theta):
    design = problem.design
    others = only_fixed(design, problem.sessions)
    return reference.log_likelihood(
        problem.sessions,
        design.arrays(theta),
        design.spec.family,
        others,
        number=design.spec.number,
    )


FORMULAS = {
    "plain": {"density": "~ elev"},
    "conditional": {"number": "conditional"},
    "sex and parts": {"density": "~ elev", "lambda0": "~ sex + lure", "sigma": "~ sex"},
    "learnt": {"lambda0": "~ bk + T"},
}


@pytest.mark.parametrize(
    ("detector", "family", "formulas"), list(product(SEARCHES, FAMILIES, FORMULAS))
)
def test_value_and_gradient__equal_the_plain_likelihood_of_searches(detector, family, formulas):
    rng = np.random.default_rng(31)
    sessions = [make_session(rng, f"s{i}", detector, n) for i, n in enumerate((4, 0, 3))]
    survey = Survey(sessions, detector)
    spec = ModelSpec(detection=family, **FORMULAS[formulas])
    problem = build_problem(survey, make_mask(survey, rng), spec)
    theta = theta_of(problem.design, rng)

    value, gradient = value_and_gradient(problem, theta)

    precise = family == "hazard_half_normal"  # the other has a cusp, which brute force meets
    assert value == pytest.approx(plain_value(problem, theta), rel=1e-10 if precise else 1e-7)
    expected = [slope(lambda t: value_and_gradient(problem, t)[0], theta, j)
                for j in range(len(theta))]  # fmt: skip
    assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("detector", ["polygon", "transect"])
def test_p_dot__is_that_of_a_grid_of_points_over_what_is_searched(detector, family):
    rng = np.random.default_rng(5)
    survey = Survey([make_session(rng, "s", detector, 3)], detector)
    mask = make_mask(survey, rng)
    problem = build_problem(survey, mask, ModelSpec(detection=family))
    theta = theta_of(problem.design, rng)
    lambda0, sigma = np.exp(theta[1]), np.exp(theta[2])
    effort = survey.sessions[0].usage.effort.sum(axis=1)
    is_area = detector == "polygon"

    def f(distance):
        k = np.exp(-distance / sigma)
        whole = 2 * np.pi * sigma**2 if is_area else 2 * sigma
        if family == "hazard_half_normal":
            k = np.exp(-((distance / sigma) ** 2) / 2)
            whole = 2 * np.pi * sigma**2 if is_area else np.sqrt(2 * np.pi) * sigma
        return k / whole

    hazard = np.zeros(len(mask))
    for part, days in zip((AREAS if is_area else LINES).geoms, effort, strict=True):
        points, weight = grid_over(part)
        for cell, xy in enumerate(mask.xy):
            share = weight * f(np.hypot(*(points - xy).T)).sum()
            hazard[cell] += days * lambda0 * share

    found = problem_hazard(problem, theta)
    assert found == pytest.approx(hazard, rel=3e-3, abs=1e-5)


def problem_hazard(problem, theta):
    return -np.log1p(-detectability(problem, theta)[0][0])


def grid_over(part, step=10.0):
    if part.geom_type == "LineString":
        at = np.arange(step / 20, part.length, step / 10)
        return shapely.get_coordinates(shapely.line_interpolate_point(part, at)), step / 10
    west, south, east, north = part.bounds
    x, y = np.meshgrid(np.arange(west + step / 2, east, step),
                       np.arange(south + step / 2, north, step))  # fmt: skip
    inside = shapely.contains_xy(part, x, y)
    return np.stack([x[inside], y[inside]], axis=1), step**2


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sigma", [1.0, 30.0, 1000.0, 1e6])
def test_p_dot__of_a_disc_about_the_centre_is_known(family, sigma):
    radius = 700.0
    disc = shapely.Point(0, 0).buffer(radius, quad_segs=500)
    survey = Survey([Session(
        "s",
        Traps(["P"], [[0.0, 0.0]], crs="local", parts=GeometryCollection([disc])),
        Usage([[1.0]]),
        CaptureHistory(["a"], [0], [0], [0], [1], xy=[[0.0, 0.0]]),
    )], "polygon")  # fmt: skip
    mask = HabitatMask(xy=np.zeros((1, 2)), cell_area=np.ones(1), crs="local")
    problem = build_problem(survey, mask, ModelSpec(detection=family))
    theta = np.array([0.0, np.log(2.0), np.log(sigma)])
    u = np.sqrt(disc.area / np.pi) / sigma
    within = 1 - (np.exp(-u * u / 2) if family == "hazard_half_normal" else (1 + u) * np.exp(-u))

    assert problem_hazard(problem, theta)[0] == pytest.approx(2.0 * within, rel=1e-6, abs=1e-13)


TELEMETRY = ["independent", "concurrent", "dependent"]


def make_fixed_survey(rng, telemetry, detector="proximity"):
    """Detections of six animals; fixes of two of them and of two others."""
    traps = Traps([f"T{k}" for k in range(5)], rng.uniform(0, 3000, (5, 2)), crs="local")
    sexes = ["F", "M", None, "F", "M", "F"]
    captures = CaptureHistory(
        [str(i) for i in range(6)], [0, 0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1, 1],
        [0, 1, 1, 2, 3, 4, 4], [1] * 7, covariates=pd.DataFrame({"sex": sexes}, dtype=object),
    )  # fmt: skip
    who = np.repeat(["1", "2", "x", "y"], 5)
    fixes = Fixes(who, rng.uniform(0, 3000, (20, 2)), telemetry)
    session = Session("1", traps, Usage(rng.uniform(0.5, 2, (5, 2))), captures, fixes=fixes)
    return Survey([session], detector)


@pytest.mark.parametrize("formulas", [{}, {"density": "~ elev", "sigma": "~ sex"}])
@pytest.mark.parametrize("detector", ["proximity", "count", "multi"])
@pytest.mark.parametrize("telemetry", TELEMETRY)
def test_value_and_gradient__equal_the_plain_likelihood_with_fixes(telemetry, detector, formulas):
    rng = np.random.default_rng(17)
    survey = make_fixed_survey(rng, telemetry, detector)
    problem = build_problem(survey, make_mask(survey, rng, 30), ModelSpec(**formulas))
    theta = theta_of(problem.design, rng)

    value, gradient = value_and_gradient(problem, theta)

    assert value == pytest.approx(plain_value(problem, theta), rel=1e-10)
    expected = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
    assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("telemetry", TELEMETRY)
def test_value__with_fixes_is_a_sum_over_cells_and_fixes_one_by_one(telemetry):
    rng = np.random.default_rng(18)
    survey = make_fixed_survey(rng, telemetry, "count")
    mask = make_mask(survey, rng, 40)
    session, xy = survey.sessions[0], mask.xy
    theta = np.array([-0.5, -1.5, 7.2])
    lambda0, sigma = np.exp(theta[1:])
    problem = build_problem(survey, mask, ModelSpec())

    animals = np.exp(theta[0]) * mask.cell_area
    apart = np.hypot(*np.moveaxis(xy[None] - session.traps.xy[:, None], 2, 0))
    h = lambda0 * np.exp(-((apart / sigma) ** 2) / 2)
    total = session.usage.effort.sum(axis=1) @ h
    log_f = {
        name: sum(
            -((xy - fix) ** 2).sum(axis=1) / (2 * sigma**2) - np.log(2 * np.pi * sigma**2)
            for fix in session.fixes.xy[session.fixes.individual == name]
        )
        for name in ("1", "2", "x", "y")
    }
    captures, expected = session.captures, -float(animals @ -np.expm1(-total))
    for i, name in enumerate(captures.individuals):
        log_pr = -total
        for r in np.flatnonzero(captures.individual == i):
            k, s = captures.trap[r], captures.occasion[r]
            log_pr = log_pr + np.log(session.usage.effort[k, s] * h[k])
        if telemetry != "independent":
            log_pr = log_pr + log_f.get(name, 0.0)
        expected += np.log(animals @ np.exp(log_pr))
    for name in {"independent": "12xy", "concurrent": "xy", "dependent": ""}[telemetry]:
        nothing = -total if telemetry == "concurrent" else 0.0
        expected += np.log(animals @ np.exp(log_f[name] + nothing) / animals.sum())
    expected -= np.log(720.0)

    assert value_and_gradient(problem, theta)[0] == pytest.approx(expected, rel=1e-10)


def share_by_quadrature(edges, centre, sigma, shape, dims):
    """Integral along each edge, cut where it is steep, by adaptive quadrature."""

    def within(r):
        if shape == "half_normal":
            return -np.expm1(-r * r / 2)
        return 1 - (1 + r) * np.exp(-r) if r > 1e-3 else r * r / 2 - r**3 / 3 + r**4 / 8

    def integrand(t):
        r = np.hypot(d, t)
        if dims == 2:
            return d * within(r) / (r * r) if r > 0 else d / 2
        return np.exp(-r * r / 2) if shape == "half_normal" else np.exp(-r)

    total = 0.0
    for edge in edges:
        a, b = (edge[:2] - centre) / sigma, (edge[2:] - centre) / sigma
        length = np.hypot(*(b - a))
        d = (a[0] * b[1] - a[1] * b[0]) / length
        start = a @ (b - a) / length
        steep = [sign * at * scale for sign in (-1, 1) for scale in (1.0, abs(d))
                 for at in (0, 1e-3, 0.01, 0.1, 0.5, 1, 2, 4, 8, 16, 40)]  # fmt: skip
        cuts = sorted({start, start + length, *(t for t in steep if start < t < start + length)})
        for low, high in pairwise(cuts):
            total += quad(integrand, low, high, epsabs=1e-15, epsrel=1e-13, limit=200)[0]
    return total


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")  # asked for more digits
@pytest.mark.parametrize("dims", [2, 1])
@pytest.mark.parametrize("shape", ["half_normal", "exponential"])
def test_sum_edges__agrees_with_adaptive_quadrature(shape, dims):
    rng = np.random.default_rng(dims)
    over = SHAPES[shape].whole(dims)
    for _ in range(8):
        n = rng.integers(3, 9)
        angle, away = np.sort(rng.uniform(0, 2 * np.pi, n)), rng.uniform(900, 3000, n)
        corners = np.stack([away * np.cos(angle), away * np.sin(angle)], axis=1)
        ends = np.roll(corners, -1, axis=0)
        edges = np.hstack([corners, ends]) if dims == 2 else np.hstack([corners, ends])[:-1]
        sigma = 10 ** rng.uniform(1.5, 4.5)
        on_edge = edges[0, :2] + rng.random() * (edges[0, 2:] - edges[0, :2])
        beside = on_edge + rng.normal(0, 1, (3, 2)) * sigma * np.array([[1e-3], [0.01], [0.1]])
        xy = np.array([*rng.uniform(-4000, 4000, (3, 2)), on_edge, *beside, edges[0, :2]])
        found, slope = np.zeros(len(xy)), np.zeros(len(xy))
        sum_edges(
            shape_of(shape), (dims, least_panel(shape, dims), over), (sigma, 1.0),
            tuple(edges[:, j].copy() for j in range(4)), xy[:, 0].copy(), xy[:, 1].copy(),
            found, slope,
        )  # fmt: skip
        expected = [share_by_quadrature(edges, p, sigma, shape, dims) / over for p in xy]
        assert found == pytest.approx(np.maximum(expected, 0.0), rel=0, abs=1e-10)


def test_build_problem__refuses_fixes_away_from_the_mask():
    rng = np.random.default_rng(3)
    survey = make_fixed_survey(rng, "concurrent")
    session = survey.sessions[0]
    xy = session.fixes.xy + np.where(session.fixes.individual == "x", 30_000.0, 0.0)[:, None]
    away = replace(session, fixes=replace(session.fixes, xy=xy))
    with pytest.raises(MaskError, match="'x'"):
        build_problem(replace(survey, sessions=(away,)), make_mask(survey, rng), ModelSpec())


@pytest.mark.parametrize("family", ["hazard_hazard_rate", "half_normal"])
def test_build_problem__refuses_functions_whose_integral_is_not_known(family):
    rng = np.random.default_rng(3)
    survey = Survey([make_session(rng, "s", "polygon", 3)], "polygon")
    with pytest.raises(FormulaError, match="areas are searched"):
        build_problem(survey, make_mask(survey, rng), ModelSpec(detection=family))


def test_build_problem__refuses_a_sigma_by_trap_with_fixes():
    rng = np.random.default_rng(3)
    survey = make_fixed_survey(rng, "concurrent")
    with pytest.raises(FormulaError, match="fixes of a transmitter"):
        build_problem(survey, make_mask(survey, rng), ModelSpec(sigma="~ T"))

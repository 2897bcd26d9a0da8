"""Patterns, competing traps, given distances, class-specific density: random problems of each.

The compiled likelihood against the plain one, from the arrays of ``LikelihoodData`` themselves.
"""

from itertools import product

import numpy as np
import pytest
from features import mask_of, stations
from scipy.special import gammaln

import scr
from scr.likelihood import reference
from scr.likelihood.data import Animals, Detections, Exposures, LikelihoodData
from scr.likelihood.kernel.arrays import Parameters
from scr.likelihood.kernel.evaluate import evaluate, find_centres
from scr.likelihood.kernel.packing import pack
from scr.model.arrays import ModelArrays
from scr.model.detection import detection_function

FAMILIES = [
    "half_normal",
    "exponential",
    "hazard_rate",
    "hazard_half_normal",
    "hazard_exponential",
    "hazard_variable_power",
]
N_INTENSITY, N_SHAPE = 5, 3


def effort_of(rng, n_traps, n_occasions):
    """Mostly a day, some of two; few traps stand still, each on its own days."""
    return rng.choice([0.0, 1.0, 2.0], (n_traps, n_occasions), p=[0.15, 0.8, 0.05])


def level_of(rng, n_classes, n_traps, *, varies):
    """Level of each class, trap and state of the animal (0 naive, 1 after a capture there)."""
    base = rng.integers(0, N_INTENSITY - 1, (n_classes, n_traps))
    return np.stack([base, np.full_like(base, N_INTENSITY - 1) if varies else base])


def make_session(rng, records, *, n_classes, response, wide, given):
    """A session in which traps, or all traps, have another lambda0 once an animal was caught.

    ``response`` is "none", "trap" (where it was caught), "all" or "removed" (traps catch no more).
    """
    n_traps, n_occasions, n_animals = 7, 4, 6
    effort = effort_of(rng, n_traps, n_occasions)
    level = level_of(rng, n_classes, n_traps, varies=response in {"trap", "all"})
    shape = rng.integers(0, N_SHAPE, (n_classes, n_traps))
    allowed = np.ones((n_animals, n_classes), dtype=bool)
    if n_classes == 2:
        allowed[0, 0] = allowed[1, 1] = False
    first = rng.integers(0, n_occasions - 1, n_animals)
    seen = {}
    for i in range(n_animals):
        trap = int(rng.choice(np.flatnonzero(effort[:, first[i]] > 0)))
        seen[i, int(first[i])] = trap
        later = int(first[i]) + 1
        if response != "removed" and i % 2:
            usable = np.flatnonzero(effort[:, later] > 0)
            seen[i, later] = trap if effort[trap, later] > 0 else int(rng.choice(usable))
    exposures, detections = [], []
    for u in range(n_classes):
        for k in range(n_traps):
            if effort[k].sum() > 0:
                exposures.append((0, u, k, effort[k].sum(), level[0, u, k], shape[u, k], -1))
            if records == "multi":
                exposures += [
                    (0, u, k, effort[k, s], level[0, u, k], shape[u, k], s)
                    for s in np.flatnonzero(effort[k] > 0)
                ]
    pattern = np.zeros(n_animals, dtype=np.int64)
    for i in range(n_animals):
        if response == "none":
            continue
        pattern[i] = i + 1
        start, trap = int(first[i]), seen[i, int(first[i])]
        for u in range(n_classes):
            for k in range(n_traps):
                if response == "trap" and k != trap:
                    continue
                for s in range(start + 1, n_occasions):
                    t = effort[k, s]
                    if t == 0:
                        continue
                    rows = [(-t, level[0, u, k])]
                    if response != "removed":
                        rows.append((t, level[1, u, k]))
                    for amount, lv in rows:
                        exposures.append((i + 1, u, k, amount, lv, shape[u, k], -1))
                        if records == "multi":
                            exposures.append((i + 1, u, k, amount, lv, shape[u, k], s))
    for (i, s), k in sorted(seen.items()):
        after = s > first[i] and (
            response == "all" or (response == "trap" and k == seen[i, first[i]])
        )
        for u in np.flatnonzero(allowed[i]):
            lv = level[int(after), u, k]
            t = effort[k, s] if records == "binary" else 1.0
            group = s if records == "multi" else -1
            detections.append((i, u, k, 1.0, t, lv, shape[u, k], group))
    detections.sort(key=lambda row: row[:2])
    e, d = (np.array(rows, dtype=float).T for rows in (exposures, detections))
    spacing = 700.0
    axis = np.arange(-9000.0, 12000.0, spacing) if wide else np.arange(-1400.0, 4300.0, spacing)
    xy = np.stack([grid.ravel() for grid in np.meshgrid(axis, axis)], axis=1)
    point_xy = rng.uniform(0, 3000, (n_traps, 2))
    distance = None
    if given:
        apart = np.hypot(*np.moveaxis(point_xy[:, None] - xy[None], 2, 0))
        distance = apart * (1 + 0.4 * np.sin(xy[:, 0] / 900.0)) + 50.0
    whole = lambda values: values.astype(np.int64)  # noqa: E731
    return LikelihoodData(
        point_xy=point_xy,
        cell_xy=xy,
        cell_area=np.full(len(xy), 0.49),
        grid=None,
        spacing=spacing,
        exposures=Exposures(
            pattern=whole(e[0]), class_=whole(e[1]), point=whole(e[2]), effort=e[3],
            intensity=whole(e[4]), shape=whole(e[5]), group=whole(e[6]),
        ),
        detections=Detections(
            animal=whole(d[0]), class_=whole(d[1]), point=whole(d[2]), count=d[3], effort=d[4],
            intensity=whole(d[5]), shape=whole(d[6]), occasion_group=whole(d[7]),
        ),
        animals=Animals(
            pattern=pattern, allowed=allowed, group=np.zeros(n_animals, dtype=np.int64),
            individual=np.arange(n_animals), constant=np.zeros(n_animals),
        ),
        records=records,
        n_classes=n_classes,
        distance=distance,
    )  # fmt: skip


def draw_parameters(rng, sessions, family, *, by_class):
    n_classes = sessions[0].n_classes
    n_cells = sum(data.n_cells for data in sessions)
    intensity = rng.uniform(0.02, 0.3, N_INTENSITY)
    share = rng.dirichlet(np.full(n_classes, 5.0), len(sessions))
    return Parameters(
        log_density=rng.normal(-1.0, 0.4, (n_classes if by_class else 1, n_cells)),
        intensity=intensity,
        sigma=rng.uniform(700, 1300, N_SHAPE),
        z=rng.uniform(2, 4, N_SHAPE) if family.has_z else np.ones(N_SHAPE),
        log_share=np.log(share),
    )


def plain(sessions, parameters, family):
    """sum log L_i - Lambda by the plain likelihood."""
    ends = np.cumsum([data.n_cells for data in sessions])[:-1]
    arrays = ModelArrays(tuple(np.split(parameters.log_density, ends, axis=1)), *parameters[1:5])
    return sum(
        reference.log_animal_terms(data, arrays, family, session=s).sum()
        - reference.expected_detected(data, arrays, family, session=s)
        for s, data in enumerate(sessions)
    )


def compiled(packed, parameters):
    found = evaluate(packed, parameters)
    return found.log_animal.sum() - found.expected.sum(), found.gradient


def directions(rng, parameters):
    """For each array of parameters a direction to differentiate along."""
    for name in parameters._fields:
        values = getattr(parameters, name)
        yield name, rng.normal(size=values.shape) * np.maximum(np.abs(values), 0.1) * 0.3


def slope(function, parameters, name, direction):
    steps = []
    for step in (1e-3, 5e-4):
        ends = [
            function(
                parameters._replace(**{name: getattr(parameters, name) + sign * step * direction})
            )
            for sign in (1, -1)
        ]
        steps.append((ends[0] - ends[1]) / (2 * step))
    return (4 * steps[1] - steps[0]) / 3


CASES = list(
    product(
        FAMILIES, ["binary", "poisson", "binomial", "multi"], ["none", "trap", "all", "removed"]
    )
)


@pytest.mark.parametrize(("family", "records", "response"), CASES)
def test_evaluate__equals_the_plain_likelihood(family, records, response):
    number = CASES.index((family, records, response))
    rng = np.random.default_rng(number)
    n_classes, given = 1 + number % 2, number % 3 == 1
    options = {"n_classes": n_classes, "response": response, "given": given}
    sessions = [make_session(rng, records, wide=wide, **options) for wide in (False, True)]
    function = detection_function(family)
    parameters = draw_parameters(rng, sessions, function, by_class=number % 4 < 2)
    packed = pack(sessions, function)
    assert packed.is_lattice == (family == "hazard_half_normal" and not given)

    value, gradient = compiled(packed, parameters)

    assert value == pytest.approx(plain(sessions, parameters, function), rel=1e-10)
    for name, direction in directions(rng, parameters):
        expected = slope(lambda p: plain(sessions, p, function), parameters, name, direction)
        scale = np.abs(getattr(gradient, name) * direction).sum()
        found = (getattr(gradient, name) * direction).sum()
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-7 * max(scale, 1e-3)), name


@pytest.mark.parametrize("response", ["none", "trap", "all", "removed"])
@pytest.mark.parametrize("records", ["binary", "poisson", "binomial", "multi"])
def test_evaluate__is_the_same_by_lattice_and_by_pairs(records, response):
    rng = np.random.default_rng(3)
    sessions = [make_session(rng, records, n_classes=2, response=response, wide=True, given=False)]
    family = detection_function("hazard_half_normal")
    parameters = draw_parameters(rng, sessions, family, by_class=True)
    one, two = (pack(sessions, family, evaluator=which) for which in ("auto", "pairs"))
    assert (one.is_lattice, two.is_lattice) == (True, False)
    (value, by_lattice), (other, by_pairs) = compiled(one, parameters), compiled(two, parameters)
    assert value == pytest.approx(other, rel=1e-12)
    for found, expected in zip(by_lattice, by_pairs, strict=True):
        assert found == pytest.approx(
            expected, rel=1e-8, abs=1e-9 * np.abs(expected).max(initial=0.0)
        )


def test_find_centres__follow_the_pattern_of_each_animal():
    rng = np.random.default_rng(5)
    data = make_session(rng, "multi", n_classes=2, response="trap", wide=True, given=False)
    family = detection_function("hazard_half_normal")
    parameters = draw_parameters(rng, [data], family, by_class=False)
    centres, _ = find_centres(pack([data], family), parameters)
    arrays = ModelArrays((parameters.log_density,), *parameters[1:5])
    start = np.append(0, centres.end)
    for i in range(data.n_animals):
        log_pr = reference.history_log_probability(data, arrays, family, animal=i)
        weight = np.exp(log_pr + parameters.log_share[0][:, None] + parameters.log_density)
        expected = weight / weight.sum()
        found = np.zeros_like(expected)
        mine = slice(start[i], start[i + 1])
        found[centres.class_[mine], centres.cell[mine]] = centres.probability[mine]
        assert found == pytest.approx(expected, abs=1e-9)


def test_pack__few_differences_cost_no_field():
    rng = np.random.default_rng(2)
    data = make_session(rng, "binary", n_classes=1, response="trap", wide=False, given=False)
    packed = pack([data], detection_function("half_normal"))
    assert len(packed.fields.session) == 1
    assert (packed.records.linear != 0).sum() > 0


def test_pack__occasions_share_what_they_have_in_common():
    bases = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        data = make_session(rng, "multi", n_classes=1, response="none", wide=False, given=False)
        bases += list(pack([data], detection_function("half_normal")).fields.base)
    assert max(bases) >= 0


@pytest.mark.parametrize("detector", ["proximity", "multi"])
@pytest.mark.parametrize("name", ["k", "K"])
def test_log_likelihood__of_captures_of_others_is_that_of_the_process_occasion_by_occasion(
    name, detector
):
    """Written out: Poisson animals in cells, each occasion given what the one before had caught."""
    plan = stations(detector)
    mask = mask_of(plan)
    spec = scr.ModelSpec(lambda0=f"~ {name}")
    truth = {
        "density.Intercept": -1.0, "lambda0.Intercept": -2.5,
        f"lambda0.{name}": 0.7, "sigma.Intercept": 7.1,
    }  # fmt: skip
    survey, _ = scr.simulate_survey(plan, mask, spec, coefficients=truth, seed=2)

    ours = scr.log_likelihood(survey, mask, spec, coefficients=truth)

    session = survey.sessions[0]
    captures, effort = session.captures, session.usage.effort
    n, (n_traps, n_occasions) = captures.n_individuals, effort.shape
    caught = np.zeros((n, n_traps, n_occasions), dtype=bool)
    caught[captures.individual, captures.trap, captures.occasion] = True
    away = np.hypot(*np.moveaxis(mask.xy[:, None] - session.traps.xy[None], 2, 0))
    near = np.exp(-(away**2) / (2 * np.exp(2 * 7.1)))
    seen, missed = np.zeros((n, len(mask))), np.zeros(len(mask))
    for s in range(n_occasions):
        before = caught[:, :, :s] if name == "k" else caught[:, :, max(s - 1, 0) : s]
        known = before.any(axis=(0, 2))
        hazard = np.exp(-2.5 + 0.7 * known) * near * effort[:, s]
        missed -= hazard.sum(axis=1)
        for i in range(n):
            at = caught[i, :, s]
            if detector == "multi":
                total = hazard.sum(axis=1)
                seen[i] += (
                    np.log(-np.expm1(-total) * hazard[:, at][:, 0] / total) if at.any() else -total
                )
            else:
                seen[i] += np.log(-np.expm1(-hazard[:, at])).sum(axis=1)
                seen[i] -= hazard[:, ~at].sum(axis=1)
    animals = np.exp(-1.0) * mask.cell_area
    theirs = (animals * np.expm1(missed)).sum()
    theirs += np.log((animals * np.exp(seen)).sum(axis=1)).sum()
    assert ours == pytest.approx(theirs - gammaln(n + 1), rel=1e-10)
    assert ours != pytest.approx(
        scr.log_likelihood(
            survey, mask, scr.ModelSpec(lambda0=f"~ {name}_secr"),
            coefficients={key.replace(f".{name}", f".{name}_secr"): v for key, v in truth.items()},
        ), rel=1e-6,
    )  # fmt: skip

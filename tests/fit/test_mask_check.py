import numpy as np
import pytest

import scr
from scr.errors import MaskWarning
from scr.fit.mask_check import all_traps, mean_density
from scr.likelihood.problem import build_problem


def checks_of(fit):
    return {check.name: check for check in fit.checks}


def rebuilt(small, **how):
    survey, _ = small
    return survey, scr.build_mask(survey.sessions[0].traps, **how)


def test_mask_checks__a_wide_and_fine_mask_passes(small):
    fit = scr.fit_mle(*rebuilt(small, buffer=4000, spacing=200), scr.ModelSpec())

    checks = checks_of(fit)
    assert checks["mask_wider"].passed
    assert checks["mask_finer"].passed
    assert checks["mask_wider"].value < 0.1


def test_mask_checks__a_narrow_buffer_is_told(small):
    with pytest.warns(MaskWarning, match="Widen the buffer"):
        fit = scr.fit_mle(*rebuilt(small, buffer=400, spacing=200), scr.ModelSpec())

    assert checks_of(fit)["mask_wider"].value > 0.1


def test_mask_checks__value_is_the_move_in_standard_deviations(small):
    survey, mask = rebuilt(small, buffer=800, spacing=400)
    with pytest.warns(MaskWarning):
        fit = scr.fit_mle(survey, mask, scr.ModelSpec())
    wide = scr.fit_mle(*rebuilt(small, buffer=1200, spacing=400), scr.ModelSpec(), check_mask=False)

    move = np.exp(wide.point[0]) - np.exp(fit.point[0])
    spread = np.exp(fit.draws[:, 0]).std()
    assert checks_of(fit)["mask_wider"].value == pytest.approx(abs(move) / spread, rel=0.1)


def test_mask_checks__coarse_cells_are_told(small):
    with pytest.warns(MaskWarning, match="smaller mask cells"):
        scr.fit_laplace(*rebuilt(small, buffer=6000, spacing=3000), scr.ModelSpec(), draws=500)


def test_mask_checks__a_bounded_mask_is_not_widened(small):
    survey, mask = small
    island = scr.HabitatMask(mask.xy, mask.cell_area, "local", spacing=400.0, bounded=True)

    fit = scr.fit_mle(survey, island, scr.ModelSpec())

    check = checks_of(fit)["mask_wider"]
    assert check.passed
    assert np.isnan(check.value)
    assert "not widened" in check.message


def test_mean_density__weighs_cells_by_area(small):
    survey, mask = small
    area = np.where(mask.xy[:, 0] < 1600, 0.16, 0.04)
    uneven = scr.HabitatMask(mask.xy, area, "local", covariates=mask.covariates)
    design = build_problem(survey, uneven, scr.ModelSpec(density="~ elev")).design
    theta = np.array([-3.0, 0.002, -2.0, 6.0])

    density = np.exp(-3.0 + 0.002 * mask.covariates["elev"].to_numpy())
    expected = (density * area).sum() / area.sum()
    assert float(mean_density(design, theta, design)) == pytest.approx(expected)


def test_all_traps__keeps_sessions(two_sessions):
    survey, _ = two_sessions

    traps = all_traps(survey)

    assert len(traps) == 32
    assert traps.sessions == ("north", "south")

"""Spatial capture-recapture with activity centres summed out over the habitat mask.

Names load when they are used, so that ``import scr`` is quick.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "CaptureHistory": "scr.survey.captures",
    "ConvergenceWarning": "scr.errors",
    "Fit": "scr.fit.result",
    "FitError": "scr.errors",
    "FormulaError": "scr.errors",
    "HabitatMask": "scr.habitat.mask",
    "MapStyle": "scr.maps.plots",
    "MaskError": "scr.errors",
    "MaskWarning": "scr.errors",
    "ModelSpec": "scr.model.spec",
    "Normal": "scr.model.priors",
    "Region": "scr.habitat.region",
    "ScrError": "scr.errors",
    "ScrWarning": "scr.errors",
    "Session": "scr.survey.survey",
    "SpatialCapture": "scr.fit.pymc_model",
    "StudentT": "scr.model.priors",
    "Survey": "scr.survey.survey",
    "SurveyError": "scr.errors",
    "SurveySources": "scr.report.sources",
    "SurveyWarning": "scr.errors",
    "Traps": "scr.survey.traps",
    "Usage": "scr.survey.usage",
    "abundance": "scr.posterior.abundance",
    "abundance_draws": "scr.posterior.abundance",
    "activity_centre": "scr.posterior.activity_centres",
    "activity_centres": "scr.posterior.activity_centres",
    "build_mask": "scr.habitat.build",
    "build_pymc_model": "scr.fit.pymc_model",
    "check_survey": "scr.report.checking",
    "check_traps_near": "scr.habitat.checks",
    "density_surface": "scr.posterior.density",
    "detectability_surface": "scr.posterior.detectability",
    "detection_curve": "scr.posterior.detectability",
    "detection_parameters": "scr.posterior.detectability",
    "distance_to": "scr.habitat.distance",
    "doubts_before": "scr.report.doubts",
    "doubts_of": "scr.report.doubts",
    "effective_sampling_area": "scr.posterior.detectability",
    "extrapolation": "scr.posterior.extrapolation",
    "fit_laplace": "scr.fit.laplace",
    "fit_mle": "scr.fit.mle",
    "fit_nuts": "scr.fit.nuts",
    "guess_sigma": "scr.habitat.advice",
    "influence": "scr.fit.influence",
    "load_fit": "scr.fit.saving",
    "log_likelihood": "scr.likelihood.problem",
    "mask_advice": "scr.model.mask_advice",
    "read_mask": "scr.habitat.reading",
    "read_reserve": "scr.habitat.region",
    "read_survey": "scr.survey.reading",
    "read_traps": "scr.survey.reading_traps",
    "recognise": "scr.io.recognise",
    "read_zones": "scr.habitat.zones",
    "realised_density": "scr.posterior.density",
    "sample_raster": "scr.habitat.covariates",
    "place_of_project": "scr.io.project_place",
    "plan_survey": "scr.simulate.surveys",
    "plot_covariate_response": "scr.maps.responses",
    "plot_detection": "scr.maps.curves",
    "plot_effort": "scr.maps.effort_chart",
    "plot_esa_by_buffer": "scr.maps.buffers",
    "plot_movements": "scr.maps.movements",
    "plot_prior_posterior": "scr.maps.prior_posterior",
    "plot_surface": "scr.maps.plots",
    "plot_with_uncertainty": "scr.maps.side_by_side",
    "save_figure": "scr.maps.plots",
    "simulate_survey": "scr.simulate.surveys",
    "sources_of_project": "scr.report.sources",
    "totals_of": "scr.survey.totals",
    "trend": "scr.posterior.trend",
    "write_check_page": "scr.report.check_page",
    "write_outputs": "scr.maps.outputs",
    "write_raster": "scr.maps.rasters",
    "write_report": "scr.report.page",
    "write_reports": "scr.report.page",
    "write_results": "scr.report.results",
    "write_secr": "scr.survey.secr_files",
    "zone_sums": "scr.posterior.zone_sums",
}
"""Public names and the module each one lives in."""

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module 'scr' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]

"""The data dictionary of results: every column of tables, rasters and layers that are written."""

from dataclasses import dataclass
from types import MappingProxyType

from scr.units import REPORTED_DENSITY


@dataclass(frozen=True)
class WrittenColumn:
    """A column of a table, a band of a raster, or an attribute of a layer.

    Parameters
    ----------
    name
        Its name; ``<...>`` stands for what varies.
    meaning
        What it holds.
    unit
        Unit, "text" or "1".
    public
        Whether it is in ``public`` too.
    """

    name: str
    meaning: str
    unit: str
    public: bool = False


def _limits(of: str, unit: str, *, public: bool) -> tuple[WrittenColumn, ...]:
    return (
        WrittenColumn("median", f"{of}: posterior median, or the estimate itself", unit, public),
        WrittenColumn("mean", f"{of}: posterior mean", unit, public),
        WrittenColumn("sd", f"{of}: standard deviation", unit, public),
        WrittenColumn("lower", f"{of}: lower 95 % limit", unit, public),
        WrittenColumn("upper", f"{of}: upper 95 % limit", unit, public),
    )


_SESSION = WrittenColumn("session", "Session, or all that lie apart", "text", public=True)
_NOTE = WrittenColumn("note", "Banner of the survey, such as SIMULATED; only where there is one",
                      "text", public=True)  # fmt: skip
_CELL = (
    WrittenColumn("x", "Easting of the middle of the cell", "metres", public=True),
    WrittenColumn("y", "Northing of the middle of the cell", "metres", public=True),
    WrittenColumn("area_km2", "Habitat of the cell", "km2", public=True),
)
_SUMMARY = (
    WrittenColumn("mean", "Mean over draws; cells x area sum to the number", REPORTED_DENSITY),
    WrittenColumn("median", "Median over draws, or the estimate itself", REPORTED_DENSITY, True),
    WrittenColumn("sd", "Standard deviation; shows stations", REPORTED_DENSITY),
    WrittenColumn("cv", "sd by mean; shows stations", "1"),
    WrittenColumn("q2.5", "2.5 % quantile", REPORTED_DENSITY, True),
    WrittenColumn("q25", "25 % quantile", REPORTED_DENSITY),
    WrittenColumn("q75", "75 % quantile", REPORTED_DENSITY),
    WrittenColumn("q97.5", "97.5 % quantile", REPORTED_DENSITY, True),
)
_SUPPORT = (
    WrittenColumn("p_dot", "Probability that an animal living there was detected", "1"),
    WrittenColumn(
        "extrapolated",
        "1 where a covariate of density, or their combination, has values that no cell within "
        "reach of the stations has, else 0",
        "1",
    ),
)
_OF_ZONE = (
    WrittenColumn("area_km2", "Habitat counted", "km2", public=True),
    WrittenColumn("n_detected", "Animals detected by stations in the zone", "animals", True),
    WrittenColumn("share_extrapolated", "Share of it that lies beyond the mask", "1", public=True),
    WrittenColumn("share_not_covered", "Share of the zone left out", "1", public=True),
    WrittenColumn("overlaps", "Zones that it overlaps; animals in both count in both", "text",
                  public=True),
    WrittenColumn(
        "share_unsampled",
        "Share of its expected animals where a covariate of density has values that no cell within "
        "reach of the stations has; public: as text, to the next 10 %",
        "1",
        public=True,
    ),
    WrittenColumn(
        "share_unsampled_jointly",
        "The same, or where the combination of covariates was not sampled",
        "1",
        public=True,
    ),
)  # fmt: skip

_ABUNDANCE = (
    _SESSION,
    WrittenColumn("region", "Reserve, zone, or the whole mask", "text", public=True),
    WrittenColumn(
        "estimand",
        "expected N: what such habitat holds; realised N: animals that were there",
        "text",
        public=True,
    ),
    *_limits("Number of animals", "animals", public=True),
    *_OF_ZONE,
    _NOTE,
)

WRITTEN: MappingProxyType[str, tuple[WrittenColumn, ...]] = MappingProxyType(
    {
        "expected_density": (*_CELL, *_SUMMARY, *_SUPPORT, _NOTE),
        "realised_density": tuple(
            WrittenColumn(c.name, c.meaning, c.unit) for c in (*_CELL, *_SUMMARY, *_SUPPORT, _NOTE)
        ),
        "detectability": tuple(
            WrittenColumn(c.name, c.meaning, "1" if c in _SUMMARY else c.unit)
            for c in (*_CELL, *_SUMMARY, _NOTE)
        ),
        "averaged_density": (*_CELL, *_SUMMARY, *_SUPPORT, _NOTE),
        "density_change": (
            *_CELL,
            *(c for c in _SUMMARY if c.name != "cv"),
            WrittenColumn("p_decline", "Probability of a decline", "1"),
            *_SUPPORT,
            _NOTE,
        ),
        "abundance": _ABUNDANCE,
        "abundance_by_sex": (
            *_ABUNDANCE[:2],
            WrittenColumn("sex", "Sex, where the model has sexes", "text", public=True),
            *_ABUNDANCE[2:],
        ),
        "averaged_abundance": _ABUNDANCE,
        "models": (
            WrittenColumn("model", "Its name; of the public, none of a station", "text", True),
            WrittenColumn("formulas", "What tells it from the others", "text", public=True),
            WrittenColumn("n_coefficients", "Coefficients estimated", "coefficients", True),
            WrittenColumn("log_likelihood", "Highest log-likelihood", "1"),
            WrittenColumn("aic", "Akaike's criterion", "1"),
            WrittenColumn("aicc", "The same, corrected for few animals", "1"),
            WrittenColumn("delta_aic", "AIC less that of the lowest", "1", public=True),
            WrittenColumn("weight_aic", "Akaike weight", "1"),
            WrittenColumn("weight_aicc", "The same of AICc", "1"),
            WrittenColumn("elpd_loo", "Log predictive density of animals left out, summed", "1"),
            WrittenColumn("se", "Its standard error", "1"),
            WrittenColumn("p_loo", "Effective number of coefficients", "1"),
            WrittenColumn("elpd_difference", "elpd_loo less that of the best", "1", public=True),
            WrittenColumn("se_difference", "Its standard error", "1", public=True),
            WrittenColumn("largest_k", "Largest Pareto k of an animal; doubtful above 0.7", "1"),
            WrittenColumn("n_high_k", "Animals with a Pareto k above 0.7", "animals"),
            WrittenColumn("weight_stacking", "Stacking weight", "1"),
            WrittenColumn("weight", "Weight by which models are averaged", "1", public=True),
            _NOTE,
        ),
        "models_pareto_k": (
            WrittenColumn("individual", "Session and name of the animal", "text"),
            WrittenColumn("<model>", "Pareto k of leaving it out under the model", "1"),
            _NOTE,
        ),
        "trend": (
            *_ABUNDANCE[1:3],
            WrittenColumn("quantity", "yearly rate, change or difference", "text", public=True),
            WrittenColumn("first", "Session from which", "text", public=True),
            WrittenColumn("last", "Session to which", "text", public=True),
            WrittenColumn("years", "Years between the two", "years", public=True),
            WrittenColumn("median", "Posterior median, or the estimate itself", "as in unit", True),
            WrittenColumn("lower", "Lower 95 % limit", "as in unit", public=True),
            WrittenColumn("upper", "Upper 95 % limit", "as in unit", public=True),
            WrittenColumn("unit", "Unit of the row", "text", public=True),
            WrittenColumn("p_decline", "Probability that numbers fell", "1", public=True),
            _NOTE,
        ),
        "trend_power": (
            WrittenColumn("region", "Reserve, zone, or the whole mask", "text", public=True),
            WrittenColumn("yearly_change", "Change a year: -0.1 is a loss of 10 %", "1", True),
            WrittenColumn("surveys", "Surveys in all, at the same interval", "surveys", True),
            WrittenColumn("years", "Years from the first to the last", "years", public=True),
            WrittenColumn("power", "Probability that they show it, at 95 %", "1", public=True),
            _NOTE,
        ),
        "abundance_draws": (
            WrittenColumn("expected <region>", "Expected N of one draw", "animals"),
            WrittenColumn("realised <region>", "Realised N of the same draw", "animals"),
            _NOTE,
        ),
        "zones": (
            _SESSION,
            WrittenColumn("zone", "Its name", "text", public=True),
            *_OF_ZONE,
            *(
                WrittenColumn(f"{estimand}_{c.name}", c.meaning, "animals", public=True)
                for estimand in ("expected", "realised")
                for c in _limits(f"{estimand.capitalize()} N", "animals", public=True)
            ),
            _NOTE,
        ),
        "traps": (
            _SESSION,
            WrittenColumn("trap", "Name of the station", "text"),
            WrittenColumn("effort_days", "Days worked", "days"),
            WrittenColumn("n_detections", "Detections", "detections"),
            WrittenColumn("n_animals", "Animals detected", "animals"),
            _NOTE,
        ),
        "activity_centres": (
            _SESSION,
            WrittenColumn("individual", "Name of the animal", "text"),
            WrittenColumn("x", "Easting of the mean place of its centre", "metres"),
            WrittenColumn("y", "Northing of the mean place of its centre", "metres"),
            WrittenColumn("spread_m", "Root mean square distance from it", "metres"),
            _NOTE,
        ),
        "activity_centre_contours": (
            _SESSION,
            WrittenColumn("individual", "Name of the animal", "text"),
            WrittenColumn("share", "Probability that the centre lies within", "1"),
            WrittenColumn("area_km2", "Area of the smallest ground that holds it", "km2"),
            _NOTE,
        ),
        "animals": (
            _SESSION,
            WrittenColumn("individual", "Name of the animal", "text"),
            WrittenColumn("<covariate>", "Sex, where known, and other covariates", "text"),
            WrittenColumn("n_detections", "Detections", "detections"),
            WrittenColumn("n_traps", "Stations that detected it", "stations"),
            _NOTE,
        ),
        "flank_pairs": (
            _SESSION,
            WrittenColumn("left", "Animal known from the left alone", "text"),
            WrittenColumn("right", "Animal known from the right alone", "text"),
            WrittenColumn("probability", "That they are one animal", "1"),
            WrittenColumn("distance_m", "Between their nearest stations", "metres"),
            _NOTE,
        ),
        "animals_photographed": (
            _SESSION,
            WrittenColumn("complete", "Animals known from both sides", "animals", public=True),
            WrittenColumn("left", "Known from the left alone", "animals", public=True),
            WrittenColumn("right", "Known from the right alone", "animals", public=True),
            WrittenColumn("least", "Different animals, at least", "animals", public=True),
            WrittenColumn("most", "Different animals, at most", "animals", public=True),
            WrittenColumn("median", "Different animals: posterior median", "animals", public=True),
            WrittenColumn("lower", "Lower 95 % limit", "animals", public=True),
            WrittenColumn("upper", "Upper 95 % limit", "animals", public=True),
            _NOTE,
        ),
        "coefficients": (
            WrittenColumn("coefficient", "Parameter and term of its formula", "text"),
            WrittenColumn("estimate", "On the scale of the link", "link scale"),
            WrittenColumn("se", "Standard error or posterior sd", "link scale"),
            WrittenColumn("lower", "Lower 95 % limit", "link scale"),
            WrittenColumn("upper", "Upper 95 % limit", "link scale"),
            WrittenColumn("ess_bulk", "Effective sample size, where there are draws", "draws"),
            WrittenColumn("r_hat", "Convergence of the chains, where there are some", "1"),
            _NOTE,
        ),
        "fit_checks": (
            WrittenColumn("check", "What was counted", "text"),
            WrittenColumn("observed", "In the survey, median over draws", "as in meaning"),
            WrittenColumn("expected", "In simulated surveys, median", "as in meaning"),
            WrittenColumn("p_value", "Uniform where the model is true", "1"),
            WrittenColumn("posterior_p", "Ordinary posterior predictive p-value", "1"),
            WrittenColumn("sides", "Sides on which it tells of misfit", "1"),
            WrittenColumn("meaning", "What was counted, in words", "text"),
            _NOTE,
        ),
        "summary": (
            WrittenColumn("quantity", "What is estimated", "text", public=True),
            WrittenColumn("region", "Where", "text", public=True),
            _SESSION,
            WrittenColumn("estimate", "Median, count or estimate", "as in unit", public=True),
            WrittenColumn("lower", "Lower 95 % limit", "as in unit", public=True),
            WrittenColumn("upper", "Upper 95 % limit", "as in unit", public=True),
            WrittenColumn("unit", "Unit of the row", "text", public=True),
            _NOTE,
        ),
    }
)
"""Columns by table: CSV, GeoTIFF and netCDF of surfaces, CSV of tables, layers of GeoPackages."""

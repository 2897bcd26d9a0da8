"""The surfaces of a fit that its results hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scr.errors import FitError, MaskError
from scr.fit.comparison import Comparison
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.io.results_folder import PRIVATE, PUBLIC
from scr.io.whole_files import file_name
from scr.maps.figures.map_set import outlines_of
from scr.maps.figures.scales import Limits, common_limits, wide_limits
from scr.maps.public import PUBLIC_COLUMNS, public_surface, rounded
from scr.posterior.change import change_surface
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import detectability_surface, widest_scale
from scr.posterior.place import density_varies_by_session, place_of, places_to_report, session_names
from scr.posterior.realised import RealisedDraws
from scr.posterior.surface import Surface
from scr.posterior.surveyed_years import Timeline
from scr.posterior.zones import Regions

AVERAGED = "averaged_density"
"""Name of the files of expected density averaged over models."""


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Surfaces by the name of their files, session left out, in the order in which they are made.

    Parameters
    ----------
    private, public
        For each folder, names and surfaces.
    """

    private: list[tuple[str, Surface]]
    public: list[tuple[str, Surface]]

    def named(self, name: str) -> tuple[Surface, ...]:
        """Private surfaces of a name, one for each session that has its own.

        Parameters
        ----------
        name
            ``"expected_density"``, ``"realised_density"``, ``"detectability"`` or
            ``"density_change"``.
        """
        return tuple(surface for other, surface in self.private if other == name)

    def limits(self) -> dict[str, dict[str, Limits]]:
        """Limits of colours over all sessions, for the public from what is public alone."""
        named = {PUBLIC: self.public, PRIVATE: self.private}
        return {where: common_limits(item for _, item in of) for where, of in named.items()}

    def wide_limits(self) -> dict[str, Limits]:
        """The same for the public, where the limits of the intervals are drawn as well."""
        return wide_limits(surface for _, surface in self.public)


def surfaces_of(
    fit: Fit,
    region: Regions | None,
    *,
    draws: RealisedDraws | None,
    max_draws: int,
    timeline: Timeline | None = None,
    models: Comparison | None = None,
) -> Surfaces:
    """Expected and realised density and detectability, and what the public may see of them.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported.
    draws
        Draws of realised density, or None after maximum likelihood.
    max_draws
        Draws used, evenly spaced among those of the fit.
    timeline
        Sessions in order of time, where they can be compared: the change from the first to the
        last is then among the surfaces.
    models
        Models that were compared, or None: their average is then among the surfaces.
    """
    private: list[tuple[str, Surface]] = []
    public: list[tuple[str, Surface]] = []
    outlines, sigma = outlines_of(region), widest_scale(fit)
    surfaces = [
        ("expected_density", density_surface(fit, session=session, max_draws=max_draws))
        for session in sessions_of_expected_density(fit)
    ]
    if models is not None:
        surfaces += [
            (AVERAGED, density_surface(models, session=session, max_draws=max_draws))
            for session in sessions_of_average(models)
        ]
    if timeline is not None and (change := change_over(fit, timeline, max_draws)) is not None:
        surfaces.append(("density_change", change))
    for name, surface in surfaces:
        private.append((name, surface))
        shown = public_surface(surface, outlines, sigma=sigma)
        if shown is not None:
            public.append((name, shown))
    public += _of_cells(fit, region, max_draws=max_draws)
    for session in places_to_report(fit):
        private.append(("realised_density", realised_density(fit, session=session, draws=draws)))
        private.append(("detectability", detectability_surface(fit, session=session)))
    return Surfaces(private, public)


def change_over(fit: Fit, timeline: Timeline, max_draws: int = 1000) -> Surface | None:
    """Change of expected density from the first session to the last; None without common cells.

    Parameters
    ----------
    fit
        A fitted model.
    timeline
        Its sessions in order of time.
    max_draws
        Draws used, evenly spaced among those of the fit.
    """
    ends = {"first": timeline.sessions[0], "last": timeline.sessions[-1]}
    try:
        return change_surface(fit, **ends, max_draws=max_draws)
    except MaskError:
        return None


def sessions_of_expected_density(fit: Fit) -> tuple[str | None, ...]:
    """Sessions that have a surface of expected density; None alone where one stands for all.

    Parameters
    ----------
    fit
        A fitted model.
    """
    try:
        place_of(fit)
    except FitError:
        return tuple(session_names(fit))
    return (None,)


def sessions_of_average(models: Comparison) -> tuple[str | None, ...]:
    """Sessions that have a surface of averaged density: all, where one of the models needs it.

    Parameters
    ----------
    models
        Models that were compared.
    """
    each = [sessions_of_expected_density(fit) for _, fit in models.averaged]
    return max(each, key=lambda sessions: (sessions != (None,), len(sessions)))


def _of_cells(fit: Fit, region: Regions | None, *, max_draws: int) -> list[tuple[str, Surface]]:
    """Expected density on the cells of regions given with covariates, which no station shaped."""
    given = region if isinstance(region, Mapping) else {"region": region}
    session = sessions_of_expected_density(fit)[0]
    found = []
    for name, cells in given.items():
        if isinstance(cells, HabitatMask):
            surface = density_surface(fit, mask=cells, session=session, max_draws=max_draws)
            label = surface.session if density_varies_by_session(fit) else None
            summary = surface.summary[list(PUBLIC_COLUMNS)].apply(rounded)
            surface = replace(surface, session=label, support=None, summary=summary)
            found.append((f"expected_density_of_{file_name(name)}", surface))
    return found

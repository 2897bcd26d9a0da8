"""The specification of a model: frozen, printable, saved with the fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from scr.errors import FormulaError
from scr.habitat.mask import HabitatMask
from scr.model.columns import unused_columns
from scr.model.design import build_design
from scr.model.detection import DetectionFunction, DetectionName, detection_function
from scr.model.formula import Functions, pools_sessions, scales_of, smooths_of, variables
from scr.model.formula_tokens import check_functions
from scr.model.latent import check_latent
from scr.model.latent_names import INDIVIDUAL, MIXTURES
from scr.model.number import Number, check_number
from scr.model.parameterisation import OF_CELLS, STANDS_FOR
from scr.model.pooling import check_beside
from scr.model.priors import Prior
from scr.model.scale_text import ScaleText
from scr.model.smooth_text import SmoothText
from scr.survey.survey import Survey

CLASS_COVARIATE = "sex"
"""The individual covariate whose missing values are summed over."""


@dataclass(frozen=True)
class ModelSpec:
    """What is to be estimated.

    ``(1 | session)`` as a term of a formula lets sessions differ by effects that share a normal
    distribution about 0, whose standard deviation is a coefficient, ``density.session_sd`` say.
    Smooth terms of density, ``s(forest)``, ``s(x, y)`` and ``gp(x, y)``, have effects of basis
    functions that do likewise (``scr.model.smooths``). ``scale_of(forest_500, forest_1000)``, of
    columns of the mask that end in metres, estimates the scale at which a covariate acts on density
    (``scr.model.effect_scales``).

    Parameters
    ----------
    density
        Formula of log density, over mask and session covariates, ``x``, ``y`` and ``session``.
    lambda0
        Formula of log lambda0, expected detections per day where they are most, for the
        ``hazard_`` detection functions. Over ``sex``, ``session``, trap and session covariates,
        latent groups ``h2`` or ``h3`` of animals, and ``individual``, a normal effect of each
        animal whose coefficient is its standard deviation.
    g0
        Formula of logit g0, probability per day where it is highest, for the others. That is at
        distance zero, or for the annular normal at distance z.
    a0
        In place of lambda0: formula of log a0 = 2 pi lambda0 sigma^2, km2
        (``scr.model.parameterisation``).
    sigma
        Formula of log sigma, metres, over the same covariates as lambda0 but ``individual``.
    sigmak
        In place of sigma: formula of log k, sigma = k / sqrt(D) with sigma in km and D the mean
        density per km2 over the cells of the session.
    z
        Formula of log z, for detection functions with a second shape parameter.
    share
        Formula of the logit share of the second class (levels sorted: M after F), over session
        covariates, mask covariates, ``x`` and ``y``; used where the model has sexes. With
        covariates of the mask each sex has a surface of density of its own: the log of their ratio
        is this formula, and their sum is density.
    pmix
        Formula of the log ratio of each latent group's share to that of the first, over session
        covariates; with ``h2`` that is the logit share of the second group.
    distance
        Formula of the log resistance of cells to movement, over mask covariates, ``x`` and ``y``:
        distances are then those of least-cost paths (``scr.habitat.least_cost``), in metres of
        ground of resistance 1, which is ground where all covariates are 0. It has no intercept,
        which could not be told from sigma. Left out, distances are straight, or round the barrier
        of the mask.
    detection
        Detection function.
    classes
        ``"sex"`` keeps the class term where no formula uses sex, so that pooled and by-sex
        models are of the same data.
    nodes
        Nodes of the quadrature over the effect ``individual``, an odd number; a fit checks whether
        twice as many change it.
    number
        What is said of the number of animals: ``"poisson"``, about what density expects;
        ``"binomial"``, fixed at the sum of density over the mask; ``"conditional"``, nothing: the
        likelihood is that of the histories given n, density has no level to be estimated, and is
        derived afterwards (``scr.fit.derived``).
    priors
        Priors that replace the default ones, by coefficient name.
    transforms
        Functions that formulas may call beside those they have, by name: of one or more arrays,
        giving an array of the same length whose values depend on their own row alone. A fit that
        is saved keeps their names, and ``load_fit(path, transforms=...)`` takes them again.

    Raises
    ------
    FormulaError
        If a formula cannot be read, or names a parameter that the detection function lacks.

    Examples
    --------
    >>> ModelSpec(density="~ forest", lambda0="~ sex", sigma="~ sex").formulas["sigma"]
    '~ sex'
    >>> ModelSpec(lambda0="~ h2").formulas["pmix"]
    '~ 1'
    """

    density: str = "~ 1"
    lambda0: str | None = None
    g0: str | None = None
    a0: str | None = None
    sigma: str = "~ 1"
    sigmak: str | None = None
    z: str | None = None
    share: str = "~ 1"
    pmix: str = "~ 1"
    distance: str | None = None
    detection: DetectionName = "hazard_half_normal"
    classes: str | None = None
    nodes: int = 11
    number: Number = "poisson"
    priors: Mapping[str, Prior] = field(default_factory=dict)
    transforms: Functions = field(default_factory=dict)

    def __post_init__(self) -> None:
        family = detection_function(self.detection)
        unused = "g0" if family.form == "hazard" else "lambda0"
        if getattr(self, unused) is not None:
            msg = (
                f"{unused} has a formula but detection={self.detection!r} is a function of "
                f"{family.intensity_name}. Give {family.intensity_name}= instead."
            )
            raise FormulaError(msg)
        self._check_stand_ins()
        check_number(self.number)
        if self.number == "conditional" and (self.density != "~ 1" or self.sigmak is not None):
            msg = (
                "number='conditional' leaves density out of the likelihood: it can have no formula "
                f"(density={self.density!r}), nor can sigma follow it. Leave density and sigmak "
                "out, or use number='poisson', which estimates detection alike."
            )
            raise FormulaError(msg)
        if self.z is not None and not family.has_z:
            msg = (
                f"z has a formula but detection={self.detection!r} has no z. Leave z out, or use "
                "a detection function with a second shape parameter, such as 'hazard_rate'."
            )
            raise FormulaError(msg)
        if self.classes not in {None, CLASS_COVARIATE}:
            msg = f"classes={self.classes!r} is not known. Use classes='sex' or leave it out."
            raise FormulaError(msg)
        object.__setattr__(self, "priors", MappingProxyType(dict(self.priors)))
        check_functions(self.transforms)
        object.__setattr__(self, "transforms", MappingProxyType(dict(self.transforms)))
        check_latent(
            {parameter: self.variables(parameter) for parameter in self.formulas},
            self.formulas,
            nodes=self.nodes,
            detection=self.detection,
            is_compound=family.is_compound,
        )
        check_beside(self.random_terms, self.detection_variables)

    def _check_stand_ins(self) -> None:
        if self.a0 is not None and self.family.form != "hazard":
            msg = (
                f"a0 has a formula but detection={self.detection!r} is a function of g0, and a0 "
                "stands for lambda0. Use the hazard_ form of the detection function."
            )
            raise FormulaError(msg)
        for name, other in STANDS_FOR.items():
            if getattr(self, name) is not None and getattr(self, other) not in {None, "~ 1"}:
                msg = f"{name} and {other} both have a formula. Give one: {name} replaces {other}."
                raise FormulaError(msg)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.as_dict(),))

    def as_dict(self) -> dict[str, object]:
        """Fields by name, priors as a plain dictionary, and functions where there are any."""
        fields = dict(self.__dict__)
        fields["priors"] = dict(self.priors)
        functions = dict(fields.pop("transforms"))
        return fields | ({"transforms": functions} if functions else {})

    @property
    def family(self) -> DetectionFunction:
        """The detection function."""
        return detection_function(self.detection)

    @property
    def intensity_name(self) -> Literal["lambda0", "g0", "a0"]:
        """The parameter that says how much detection there is."""
        return "a0" if self.a0 is not None else self.family.intensity_name

    @property
    def scale_name(self) -> Literal["sigma", "sigmak"]:
        """The parameter that says how far detection reaches."""
        return "sigma" if self.sigmak is None else "sigmak"

    @property
    def formulas(self) -> dict[str, str]:
        """Formula of each parameter, in the order of the coefficients."""
        family = self.family
        formulas = {} if self.number == "conditional" else {"density": self.density}
        formulas |= {
            self.intensity_name: getattr(self, self.intensity_name) or "~ 1",
            self.scale_name: getattr(self, self.scale_name),
        }
        if family.has_z:
            formulas["z"] = self.z or "~ 1"
        if self.has_sexes_in(formulas):
            formulas["share"] = self.share
        named = frozenset[str]().union(*(self._named(formulas, name) for name in formulas))
        if named & set(MIXTURES):
            formulas["pmix"] = self.pmix
        if self.distance is not None:
            formulas["distance"] = self.distance
        return formulas

    @property
    def in_words(self) -> str:
        """What tells the model from others: its formulas but ``~ 1``, and its detection function.

        Examples
        --------
        >>> ModelSpec(density="~ forest", lambda0="~ sex").in_words
        'density ~ forest, lambda0 ~ sex, hazard_half_normal'
        >>> ModelSpec().in_words
        'constant, hazard_half_normal'
        """
        told = [f"{name} {text}" for name, text in self.formulas.items() if text.strip("~ ") != "1"]
        return ", ".join([*(told or ["constant"]), self.detection])

    def variables(self, parameter: str) -> frozenset[str]:
        """Names of the covariates that the formula of a parameter uses.

        Parameters
        ----------
        parameter
            One of those of ``formulas``, or density.
        """
        return self._named(self.formulas, parameter)

    def _named(self, formulas: Mapping[str, str], parameter: str) -> frozenset[str]:
        return variables(formulas.get(parameter, "~ 1"), parameter, self.transforms)

    @property
    def pooled(self) -> tuple[str, ...]:
        """Parameters whose sessions share a distribution, by ``(1 | session)`` in the formula."""
        formulas = self.formulas
        return tuple(
            name for name in formulas if pools_sessions(formulas[name], name, self.transforms)
        )

    @property
    def smooths(self) -> tuple[SmoothText, ...]:
        """Smooth terms of the formula of density."""
        formula = self.formulas.get("density", "~ 1")
        return smooths_of(formula, "density", self.transforms)

    @property
    def scales(self) -> tuple[ScaleText, ...]:
        """Scales of effect in the formula of density."""
        return scales_of(self.formulas.get("density", "~ 1"), "density", self.transforms)

    @property
    def random_terms(self) -> tuple[str, ...]:
        """Terms whose effects share a distribution, with the parameter that has them.

        Examples
        --------
        >>> ModelSpec(density="~ forest + s(x, y)", sigma="~ (1 | session)").random_terms
        ('s(x, y) in the formula of density', '(1 | session) in the formula of sigma')
        """
        smooth = [f"{smooth.name} in the formula of density" for smooth in self.smooths]
        return (*smooth, *(f"(1 | session) in the formula of {name}" for name in self.pooled))

    @property
    def detection_variables(self) -> frozenset[str]:
        """Names that the formulas of detection use, and those of shares."""
        named = (self.variables(name) for name in self.formulas if name not in OF_CELLS)
        return frozenset[str]().union(*named)

    @property
    def variables_of_cells(self) -> frozenset[str]:
        """Names of the formulas of density, of shares and of distance, which may be of the mask."""
        named = (self.variables(name) for name in ("density", "share", "distance"))
        return frozenset[str]().union(*named)

    def has_sexes_in(self, formulas: Mapping[str, str]) -> bool:
        """Whether a detection formula uses sex, or the class term is kept regardless.

        Parameters
        ----------
        formulas
            Formulas by parameter.
        """
        return self.classes is not None or any(
            CLASS_COVARIATE in self._named(formulas, parameter)
            for parameter in formulas
            if parameter not in OF_CELLS
        )

    @property
    def has_sexes(self) -> bool:
        """Whether sex is a class of animals."""
        return "share" in self.formulas

    @property
    def effect_name(self) -> str:
        """Name of the coefficient of an effect of each animal, whether or not the model has one."""
        return f"{self.intensity_name}.{INDIVIDUAL}"

    @property
    def n_groups(self) -> int:
        """Latent groups of animals, 1 where there are none."""
        found = [n for name, n in MIXTURES.items() if name in self.detection_variables]
        return found[0] if found else 1

    @property
    def has_individual(self) -> bool:
        """Whether each animal has an effect of its own on detection."""
        return INDIVIDUAL in self.detection_variables

    def coefficient_names(self, survey: Survey, mask: HabitatMask) -> tuple[str, ...]:
        """Names of the coefficients, ``<parameter>.<term>``.

        Parameters
        ----------
        survey, mask
            The data the model is for.
        """
        return build_design(survey, mask, self).coefficient_names

    def unused_columns(self, survey: Survey, mask: HabitatMask) -> tuple[str, ...]:
        """What looks wrong in columns that no formula uses.

        Parameters
        ----------
        survey, mask
            The data the model is for.
        """
        return unused_columns(survey, mask, self)


def _rebuild(fields: dict[str, object]) -> ModelSpec:
    return ModelSpec(**fields)  # type: ignore[arg-type]

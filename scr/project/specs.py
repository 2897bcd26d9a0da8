"""The models of a survey.toml: that of ``[model]``, and those of ``[[models]]``."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from scr.errors import ScrError
from scr.habitat.mask import HabitatMask
from scr.model.detection import DetectionName
from scr.model.priors import Normal, Prior, StudentT
from scr.model.spec import ModelSpec
from scr.project.configuration import Configuration, ModelKeys, PriorKeys
from scr.survey.survey import Survey


def spec_of(configuration: Configuration) -> ModelSpec:
    """The model of ``[model]``.

    Parameters
    ----------
    configuration
        The survey.toml.
    """
    return _spec(configuration.model, configuration.path, "[model]")


def specs_of(
    configuration: Configuration, survey: Survey, mask: HabitatMask
) -> dict[str, ModelSpec]:
    """The models of ``[[models]]`` by name; empty where there are none.

    Priors of ``[model.priors]`` hold in each for the coefficients that it has.

    Parameters
    ----------
    configuration
        The survey.toml.
    survey, mask
        The data, which say what coefficients a model has.

    Raises
    ------
    ScrError
        If one does not fit the data, with its name; or if they differ in what no criterion can
        compare.
    """
    shared = configuration.model.priors
    found: dict[str, ModelSpec] = {}
    for name, keys in configuration.models.items():
        try:
            spec = _spec(keys, configuration.path, f"[[models]] {name!r}")
            names = spec.coefficient_names(survey, mask)
        except ScrError as error:
            msg = f"{configuration.path}: [[models]] {name!r}: {error}"
            raise type(error)(msg) from error
        known = {key: _prior(prior) for key, prior in shared.items() if key in names}
        found[name] = replace(spec, priors={**known, **spec.priors})
    _check_comparable(found, configuration.path)
    return found


def _check_comparable(specs: Mapping[str, ModelSpec], path: Path) -> None:
    numbers = {name: spec.number for name, spec in specs.items()}
    if len(set(numbers.values())) > 1:
        told = ", ".join(f"{name}: {number}" for name, number in numbers.items())
        msg = (
            f"{path}: [[models]] differ in number ({told}), so that no criterion can compare them. "
            "Give number once, under [model]."
        )
        raise ScrError(msg)
    without = [name for name, spec in specs.items() if not spec.has_sexes]
    if without and len(without) < len(specs):
        msg = (
            f"{path}: of [[models]] {', '.join(map(repr, without))} do not tell sexes apart and "
            "the others do, so that no criterion can compare them: the sexes are data of the "
            'others alone. Write classes = "sex" under [model], which keeps them in all.'
        )
        raise ScrError(msg)


def _spec(keys: ModelKeys, path: Path, where: str) -> ModelSpec:
    if keys.number == "conditional":
        msg = (
            f"{path}: {where} number = {keys.number!r}. Maps and reports need "
            "density in the model: write 'poisson', which estimates detection alike, or "
            "'binomial'. ModelSpec in Python takes 'conditional' too."
        )
        raise ScrError(msg)
    return ModelSpec(
        density=keys.density,
        lambda0=keys.lambda0,
        g0=keys.g0,
        a0=keys.a0,
        sigma=keys.sigma,
        sigmak=keys.sigmak,
        z=keys.z,
        share=keys.share,
        pmix=keys.pmix,
        distance=keys.distance,
        detection=cast("DetectionName", keys.detection),  # which the model itself refuses
        classes=keys.classes,
        number=keys.number,
        nodes=keys.nodes,
        priors={name: _prior(prior) for name, prior in keys.priors.items()},
    )


def _prior(keys: PriorKeys) -> Prior:
    student = keys.family == "student_t"
    return StudentT(keys.mean, keys.sd, keys.df) if student else Normal(keys.mean, keys.sd)

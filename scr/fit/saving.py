"""Fits from files."""

import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from scr.errors import FitError, FormulaError, ScrError
from scr.fit.checks import Check
from scr.fit.notes import put_notes
from scr.fit.records import from_groups, prior_from_text
from scr.fit.result import Fit
from scr.fit.seal import opened
from scr.fit.whole_content import check_content
from scr.fit.writing import FORMAT, NOTES, OWN
from scr.likelihood.problem import build_problem, value_and_gradient, with_widest
from scr.model.design import Design
from scr.model.formula import NO_FUNCTIONS, Functions
from scr.model.joint_prior import JointPrior
from scr.model.labels import Label
from scr.model.spec import ModelSpec

_RELATIVE_ERROR = 1e-9


def load_fit(path: str | os.PathLike[str], *, transforms: Functions = NO_FUNCTIONS) -> Fit:
    """A fit that ``Fit.save`` wrote, with survey, mask and model; nothing is read or fitted again.

    Parameters
    ----------
    path
        The file.
    transforms
        The functions that ``ModelSpec(transforms=...)`` was given, by name; a file holds their
        names alone, since nothing in a file is run.

    Raises
    ------
    FitError
        If the file is missing, cut short, not a fit, from a version whose likelihood differs, or
        needs functions that are not given.
    FormulaError
        If a formula in it holds anything but what formulas may hold.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"There is no file {path}. Give the file that Fit.save wrote."
        raise FitError(msg)
    content = opened(path.read_bytes(), str(path))
    try:
        check_content(content)
        with xr.open_datatree(BytesIO(content), engine="h5netcdf") as groups:
            tree = groups.load()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        msg = (
            f"{path} cannot be read as a fit: {error}. It was cut short, or it is not a netCDF "
            "file that Fit.save wrote. Copy it again, or fit again."
        )
        raise FitError(msg) from error
    attrs = tree["scr/fit"].attrs if "scr" in tree and "fit" in tree["scr"] else {}
    if attrs.get("format") != FORMAT:
        found = attrs.get("format", "none")
        msg = (
            f"{path} is not a fit that this version can read: its format is {found}, {FORMAT} is "
            "needed. Give the file that Fit.save wrote, or fit again with this version."
        )
        raise FitError(msg)
    try:
        return _rebuild(tree, path, transforms)
    except FormulaError as error:
        msg = f"{path} was not loaded. {error}"
        raise FormulaError(msg) from error
    except ScrError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        msg = f"{path} does not hold what Fit.save writes: {error}. Copy it again, or fit again."
        raise FitError(msg) from error


def _rebuild(tree: xr.DataTree, path: Path, transforms: Functions) -> Fit:
    kept = tree["scr/fit"].to_dataset()
    spec = _spec(json.loads(kept.attrs["spec"]), path, transforms)
    survey = from_groups(tree, "scr/survey")
    mask = from_groups(tree, "scr/mask")
    problem = build_problem(survey, mask, spec)
    problem = with_widest(problem, int(tree["sample_stats"].attrs.get("widest_matching", 0)))
    draws = _draws(tree["posterior"].to_dataset(), problem.design)
    witness = kept.attrs["log_likelihood_of_first_draw"]
    again = value_and_gradient(problem, draws[0])[0]
    if not np.isclose(again, witness, rtol=_RELATIVE_ERROR):
        msg = (
            f"{path} was made by a version of scr whose likelihood differs: {witness:.9g} then, "
            f"{again:.9g} now, for the same coefficients. Fit again with this version."
        )
        raise FitError(msg)
    names = json.loads(kept.attrs["columns"])
    table = pd.DataFrame(
        {name: kept[f"coefficients_{name}"].to_numpy() for name in names},
        index=pd.Index(problem.design.coefficient_names, name="coefficient"),
    )
    fit = Fit(
        survey=survey,
        mask=mask,
        spec=spec,
        problem=problem,
        engine=kept.attrs["engine"],
        draws=draws,
        coefficients=table,
        log_likelihood=float(kept.attrs["log_likelihood"]),
        point=kept["point"].to_numpy() if "point" in kept else None,
        vcov_root=kept["vcov_root"].to_numpy() if "vcov_root" in kept else None,
        prior=_prior(kept, problem.design),
        seed=json.loads(kept.attrs["seed"]),
        made_from=json.loads(kept.attrs["made_from"]),
        labels={n: Label(**v) for n, v in json.loads(kept.attrs.get("labels", "{}")).items()},
        n_chains=int(kept.attrs["n_chains"]),
        sample_stats=tree["sample_stats"].to_dataset(),
        checks=tuple(Check(**values) for values in json.loads(kept.attrs["checks"])),
    )
    # The pointwise log-likelihood is in the file: no need to work it out again.
    idata = tree.copy()
    del idata[OWN]
    put_notes(idata, tree[NOTES].to_dataset())
    vars(fit)["idata"] = idata
    return fit


def _spec(values: dict[str, Any], path: Path, transforms: Functions) -> ModelSpec:
    priors = {name: prior_from_text(prior) for name, prior in values.pop("priors").items()}
    needed = values.pop("transforms", [])
    missing = [name for name in needed if name not in transforms]
    if missing:
        given = ", ".join(f"{name!r}: {name}" for name in missing)
        msg = (
            f"{path} is a fit whose formulas call {', '.join(missing)}, which ModelSpec was given "
            "as transforms=. A file holds no functions. Load it from Python with the same ones: "
            f"load_fit(path, transforms={{{given}}})."
        )
        raise FitError(msg)
    kept = {name: transforms[name] for name in needed}
    return ModelSpec(**values, priors=priors, transforms=kept)


def _prior(kept: xr.Dataset, design: Design) -> JointPrior | None:
    values = json.loads(kept.attrs["prior"])
    if values is None:
        return None
    return JointPrior(
        names=design.coefficient_names,
        contrasts=kept["prior_contrasts"].to_numpy(),
        records=tuple(prior_from_text(record) for record in values["records"]),
        kinds=tuple(values["kinds"]),
        pools=design.pools,
    )


def _draws(posterior: xr.Dataset, design: Design) -> NDArray[np.float64]:
    blocks = [posterior[parameter].to_numpy() for parameter in design.blocks]
    by_chain = np.concatenate(blocks, axis=-1)
    return by_chain.reshape(-1, by_chain.shape[-1])

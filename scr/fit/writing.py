"""One netCDF file with all that a fit is made of."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scr.errors import FitError
from scr.fit.notes import take_notes
from scr.fit.records import prior_to_text, to_groups
from scr.fit.seal import sealed
from scr.io.local_files import beginning
from scr.io.whole_files import write_bytes
from scr.likelihood.problem import value_and_gradient

if TYPE_CHECKING:
    from scr.fit.result import Fit

FORMAT = 2
"""Version of the layout of the file."""

_HDF5 = b"\x89HDF\r\n\x1a\n"

OWN = "scr"
"""Group of what ``load_fit`` needs beside the groups that ArviZ reads."""

NOTES = f"{OWN}/notes"
"""Group of the attributes that netCDF cannot hold as they are."""


def write_fit(fit: "Fit", path: str | os.PathLike[str]) -> None:
    """Write a fit to a file, whole or not at all.

    Parameters
    ----------
    fit
        The fit.
    path
        The file; one that is there is replaced.

    Raises
    ------
    FitError
        If its folder does not exist, a file of this name is no fit, or something that was put into
        ``fit.idata`` cannot be kept.
    ScrError
        If the disk is full, or the file may not be written.
    """
    path = Path(path)
    if not path.parent.is_dir():
        msg = f"The fit cannot be saved as {path}: there is no folder {path.parent}. Make it first."
        raise FitError(msg)
    if path.is_file() and not beginning(path).startswith(_HDF5):
        msg = f"{path} is there already and is no fit. It is kept: give another name."
        raise FitError(msg)
    if OWN in fit.idata.children:
        msg = f"fit.idata has a group {OWN!r}, whose name is taken. Give it another name."
        raise FitError(msg)
    tree = fit.idata.copy()
    notes = take_notes(tree)
    for name, group in {
        **to_groups(fit.survey, "scr/survey"),
        **to_groups(fit.mask, "scr/mask"),
        "scr/fit": _summary(fit),
        NOTES: notes,
    }.items():
        tree[name] = xr.DataTree(group)
    write_bytes(path, sealed(_content(tree)))


def _content(tree: xr.DataTree) -> bytes:
    try:
        return bytes(tree.to_netcdf(engine="h5netcdf"))
    # xarray raises NotImplementedError for what netCDF has no form for, such as a MultiIndex.
    except (TypeError, ValueError, NotImplementedError) as error:
        msg = (
            f"fit.idata holds something that a netCDF file cannot: {error}. Take it out, or make "
            "it numbers or text, and save again."
        )
        raise FitError(msg) from error


def _summary(fit: "Fit") -> xr.Dataset:
    table = fit.coefficients
    variables: dict[str, Any] = {
        f"coefficients_{name}": ("coefficient", table[name].to_numpy()) for name in table.columns
    }
    if fit.point is not None and fit.vcov_root is not None:
        variables["point"] = ("coefficient", fit.point)
        variables["vcov_root"] = (("coefficient", "direction"), fit.vcov_root)
    if fit.prior is not None:
        variables["prior_contrasts"] = (("contrast", "coefficient"), fit.prior.contrasts)
    spec = fit.spec.as_dict() | {
        "priors": {name: prior_to_text(prior) for name, prior in fit.spec.priors.items()},
        "transforms": sorted(fit.spec.transforms),
    }
    at = fit.draws[0]
    # A version of this package that reads the data otherwise would not give the same number.
    witness = value_and_gradient(fit.problem, at)[0]
    attrs = {
        "format": FORMAT,
        "engine": fit.engine,
        "spec": json.dumps(spec),
        "prior": json.dumps(
            None
            if fit.prior is None
            else {
                "records": [prior_to_text(record) for record in fit.prior.records],
                "kinds": fit.prior.kinds,
            }
        ),
        "checks": json.dumps([asdict(check) for check in fit.every_check]),
        "seed": json.dumps(fit.seed),
        "made_from": json.dumps(fit.made_from),
        "labels": json.dumps({name: asdict(label) for name, label in fit.labels.items()}),
        "columns": json.dumps(list(table.columns)),
        "n_chains": fit.n_chains,
        "log_likelihood": fit.log_likelihood,
        "log_likelihood_of_first_draw": witness,
    }
    return xr.Dataset(variables, {"coefficient": np.array(table.index, dtype=str)}, attrs)

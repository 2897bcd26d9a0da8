"""What is wrong with a column that is to be a covariate: text among numbers, codes for no data."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import ScrError, SurveyError
from scr.io.nodata import averaged_with, code_text, undeclared_code
from scr.io.rasters import Nodata
from scr.io.tables import natural, row_list

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_NEARLY_ALL, _MOST = 0.8, 0.5
_FEW_ROWS, _MANY_VALUES = 10, 10
_FEWEST_FOR_CODES = 5
_FAR_BELOW, _LOW_AS_A_CODE = 3.0, -1000.0
_LISTED = 5
FOR_NODATA = "in which to look for nodata"


def without_nodata(column: pd.Series, nodata: Nodata) -> pd.Series:
    """A column with the values that mean no data taken out.

    Parameters
    ----------
    column
        Numbers, or text.
    nodata
        As in ``read_band``.

    Examples
    --------
    >>> without_nodata(pd.Series([1.0, -999.0]), -999).tolist()
    [1.0, nan]
    """
    codes = np.atleast_1d(np.array([] if nodata is None else nodata, dtype=np.float64))
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    coded = np.isclose(values[:, None], codes[None, :], rtol=1e-6, atol=0.0).any(axis=1)
    return column.mask(coded) if coded.any() else column


class CovariateColumns(NamedTuple):
    """Columns of a table as covariates, and why some of them cannot be such."""

    usable: pd.DataFrame
    faults: dict[str, str]


def covariate_columns(
    table: pd.DataFrame, nodata: Mapping[str, Nodata], *, source: str
) -> CovariateColumns:
    """Columns as numbers where every cell is one, else as text, and what is wrong with them.

    Parameters
    ----------
    table
        From ``read_table``, covariates alone.
    nodata
        What means no data, by column.
    source
        Name of the file.

    Raises
    ------
    SurveyError
        If ``nodata`` names a column that is not there.
    """
    check_named(nodata, table, FOR_NODATA, source=source, error=SurveyError)
    columns, faults = {}, {}
    for name in map(str, table.columns):
        declared = nodata.get(name)
        columns[name] = natural(without_nodata(table[name], declared))
        fault = column_fault(columns[name], name=name, source=source, nodata=declared)
        if fault:
            faults[name] = fault
    return CovariateColumns(pd.DataFrame(columns), faults)


def check_named(
    names: Collection[str],
    table: pd.DataFrame,
    use: str,
    *,
    source: str,
    error: type[ScrError],
) -> None:
    """Raise where a choice names columns that a table does not have.

    Parameters
    ----------
    names
        Columns.
    table
        The covariates there are.
    use
        What for, as in ``"to fill"``.
    source
        Name of the file.
    error
        Class of the error raised.
    """
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        msg = (
            f"{source} has no column {', '.join(map(repr, unknown))} {use}; it has "
            f"{', '.join(map(repr, table.columns)) or 'none'}. Correct the name."
        )
        raise error(msg, kind="no such column", source=source)


def column_fault(
    column: pd.Series,
    *,
    name: str,
    source: str,
    nodata: Nodata = None,
    where: Callable[[Collection[int]], str] = row_list,
) -> str:
    """Why a column cannot be a covariate as it stands, or an empty text.

    Parameters
    ----------
    column
        Cells by row of the file, numbers or text; those missing are not looked at.
    name
        Of the column.
    source
        Name of the file.
    nodata
        What was declared as no data; with NaN among it codes are not looked for.
    where
        Row numbers as text.
    """
    cells = column.dropna()
    values = pd.to_numeric(cells, errors="coerce")
    if pd.api.types.is_numeric_dtype(values) and values.notna().all() and len(values):
        given = np.atleast_1d(np.array([] if nodata is None else nodata, dtype=np.float64))
        return "" if np.isnan(given).any() else _code(values, name, source, where=where)
    told = _text(cells, values)
    return f"{source}: {name} {told(where)}" if told else ""


def with_true_values(fault: str, remedy: str) -> str:
    """A fault of a column whose cells can neither be left empty nor be declared as no data.

    Parameters
    ----------
    fault
        From ``column_fault``.
    remedy
        What to do in place of that, as a sentence with a blank before it.
    """
    found, _, _ = fault.partition(" Leave these cells")
    return fault if found == fault else f"{found}{remedy}"


def _text(
    cells: pd.Series, values: pd.Series
) -> Callable[[Callable[[Collection[int]], str]], str] | None:
    """What to say of text among numbers, once it is known how rows are named."""
    texts = cells[values.isna()].astype(str)
    n, n_text = len(cells), len(texts)
    comma = texts[[bool(_DECIMAL_COMMA.fullmatch(text)) for text in texts]]
    n_number = n - n_text + len(comma)
    if n_number == 0:
        return None
    if n_number == n:
        return lambda where: (
            f"has a decimal comma in {len(comma)} of {n} cells, {_cells(comma[:1], where)}. Write "
            "numbers with a decimal point, or part the cells of the file by semicolons."
        )
    share = n_number / n
    repeated = n > _FEW_ROWS and values.nunique() + comma.nunique() <= _MANY_VALUES
    if share < _MOST or (share < _NEARLY_ALL and repeated):
        return None
    return lambda where: (
        f"is a number in {n - n_text} of {n} cells and text in {n_text}: {_cells(texts, where)}. "
        "Write a number with a decimal point, or leave the cell empty; where numbers are names of "
        "classes, let each begin with a letter."
    )


def _cells(texts: pd.Series, where: Callable[[Collection[int]], str]) -> str:
    """The first few texts with their rows."""
    kinds = list(dict.fromkeys(texts))
    listed = [f"{text!r} ({where(list(texts.index[texts == text]))})" for text in kinds[:_LISTED]]
    more = f" and {len(kinds) - _LISTED} other texts" if len(kinds) > _LISTED else ""
    return f"{', '.join(listed)}{more}"


def _code(
    values: pd.Series, name: str, source: str, *, where: Callable[[Collection[int]], str]
) -> str:
    numbers = values.to_numpy(dtype=np.float64)
    if np.isinf(numbers).any():
        rows = where(list(values.index[np.isinf(numbers)]))
        return (
            f"{source}: {name} is infinite in {int(np.isinf(numbers).sum())} of {len(values)} "
            f"cells ({rows}). Correct them, or leave them empty."
        )
    code = undeclared_code(numbers)
    if code is None or (code > 0 and len(values) < _FEWEST_FOR_CODES):
        return _smear(numbers, name, source)
    coded = values.index[numbers == code]
    given = f'nodata={{"{name}": {code_text(code)}}}'
    text = (
        f"{source}: {name} is {code_text(code)} in {len(coded)} of {len(values)} cells "
        f"({where(list(coded))}), far from the rest, and looks like a code for no data. Leave "
        f'these cells empty or give {given}; nodata={{"{name}": nan}} if it is a true value.'
    )
    averaged = averaged_with(numbers, code)
    if averaged.any():
        text += (
            f" It was averaged into {int(averaged.sum())} more "
            f"({where(list(values.index[averaged]))}): take these from the source again."
        )
    return text


def _smear(numbers: NDArray[np.float64], name: str, source: str) -> str:
    """What to say where a code is not there itself but was averaged into values."""
    low = float(numbers.min())
    lower, upper = np.quantile(numbers, [0.25, 0.75])
    below = numbers < lower - _FAR_BELOW * max(float(upper - lower), 1.0)
    few = 0 < below.sum() <= len(numbers) / 5
    if not few or low > _LOW_AS_A_CODE or (numbers[~below] < 0).any():
        return ""
    return (
        f"{source}: {name} is {low:.6g} to {numbers[below].max():.6g} in {int(below.sum())} of "
        f"{len(numbers)} cells and 0 or more in all others, as where a code for no data such as "
        "-9999 was averaged into values. Sample the source again with its code declared; "
        f'nodata={{"{name}": nan}} if these are true.'
    )

"""How the kernel is compiled, and when what was compiled before may be used again."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np

LARGEST_BLOCK = 31 * 2**20
"""Bytes, just below the most that the GNU allocator would keep for reuse when freed."""

np.empty(LARGEST_BLOCK, dtype=np.uint8)
"""Asked for and given back untouched. The GNU allocator returns freed memory to the system above a
size that follows the largest block freed so far; without this every evaluation of the likelihood
would have its working arrays mapped anew, page by page, which takes longer than filling them."""

FAST = {"contract", "nsz", "arcp", "reassoc"}
"""Rearrangements that loops may use; infinities and NaN keep their meaning."""


_ALWAYS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "cache": True,
    "no_cfunc_wrapper": True,
}
"""Nothing else calls these functions from C: compiling a way to do it would take time."""

_NO_ARRAY: dict[str, Any] = {"_nrt": False}


def _stamp() -> str:
    """Digest of every source file of the kernel."""
    digest = sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


STAMP = _stamp()


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that holds no lock while it runs; kept on disk between processes.

    Numba keeps compiled code by the file of the function alone and would go on using it after a
    change in a function that it calls from another file, so the stamp of the whole kernel takes
    the place of the file's.

    Parameters
    ----------
    function
        The function.
    """
    return _kept(function)


def compiled_inside[F: Callable[..., Any]](function: F) -> F:
    """The same for a function that makes no array, called for each animal or trap.

    What makes no array need not count references to those that it is given, which takes longer
    than many a loop.

    Parameters
    ----------
    function
        The function.
    """
    return _kept(function, **_NO_ARRAY)


def compiled_within[F: Callable[..., Any]](function: F) -> F:
    """The same for a function that is given whole records: it is written into its callers.

    A call would hand over every array of the records one by one, which takes longer than what the
    function does for one animal.

    Parameters
    ----------
    function
        The function.
    """
    return _kept(function, forceinline=True, **_NO_ARRAY)


def compiled_loop[F: Callable[..., Any]](function: F) -> F:
    """The same for a loop over cells whose sums may be rearranged into vector instructions.

    It makes no array.

    Parameters
    ----------
    function
        The function.
    """
    return _kept(function, fastmath=FAST, **_NO_ARRAY)


def compiled_search[F: Callable[..., Any]](function: F) -> F:
    """The same for a loop that looks for the largest of numbers, none of which may be NaN.

    It makes no array.

    Parameters
    ----------
    function
        The function.
    """
    return _kept(function, fastmath=FAST | {"nnan"}, **_NO_ARRAY)


def compiled_view[F: Callable[..., Any]](function: F) -> F:
    """The same for a function that returns part of an array: it is written into its callers.

    Parameters
    ----------
    function
        The function.
    """
    return _kept(function, inline="always", **_NO_ARRAY)


def _kept[F: Callable[..., Any]](function: F, **options: Any) -> F:
    dispatcher: Any = nb.njit(**_ALWAYS, **options)(function)
    dispatcher._cache._cache_file._source_stamp = STAMP
    kept: F = dispatcher
    return kept

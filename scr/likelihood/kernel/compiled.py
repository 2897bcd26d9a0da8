"""How the kernel is compiled, and when what was compiled before may be used again."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import time
from typing import Any

import numba as nb
import numpy as np
from numba import config as _config

config: Any = _config

LARGEST_BLOCK = 31 * 2**20
"""Bytes, just below the most that the GNU allocator would keep for reuse when freed."""

np.empty(LARGEST_BLOCK, dtype=np.uint8)
"""Asked for and given back untouched. The GNU allocator returns freed memory to the system above a
size that follows the largest block freed so far; without this every evaluation of the likelihood
would have its working arrays mapped anew, page by page, which takes longer than filling them."""

A_MONTH = 30 * 86_400.0

FAST = {"contract", "nsz", "arcp", "reassoc"}
"""Rearrangements that loops may use; infinities and NaN keep their meaning."""


def accepted(**options: Any) -> dict[str, Any]:
    """Those of some options of Numba that the installed version takes.

    Parameters
    ----------
    **options
        Options that save time and are not promised: without them all is the same, but slower.
    """
    try:
        from numba.core.options import DefaultOptions  # noqa: PLC0415
    except ImportError:
        return {}
    return {name: value for name, value in options.items() if hasattr(DefaultOptions, name)}


LEAN = accepted(no_cfunc_wrapper=True, _nrt=False)
"""No way to be called from C, and no counting of references to arrays: stages make none."""


INSIDE: Any = {"error_model": "numpy", **accepted(_nrt=False)}
"""Of what is chosen by type and called by stages."""


@cache
def _stamp() -> str:
    """Digest of every source file of the kernel, and of sums over matchings."""
    digest = sha256()
    for folder in (Path(__file__).parent, Path(__file__).parent.parent / "matching"):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path | None:
    """Folder of what is compiled from this very source; None where no folder can be written.

    Numba keeps compiled code by the file of a function alone and would go on using it after a
    change in a function that it calls from another file. So each state of the kernel has a folder
    of its own.
    """
    own = Path(__file__).parent / "__pycache__"
    user = Path(os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    for folder in [Path(config.CACHE_DIR)] if config.CACHE_DIR else [own, user.expanduser()]:
        try:
            (folder / f"scr-{_stamp()}").mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder / f"scr-{_stamp()}", os.W_OK):
            _forget_others(folder)
            return folder / f"scr-{_stamp()}"
    return None


def _forget_others(folder: Path) -> None:
    """Delete what other states of the source compiled here more than a month ago."""
    for other in folder.glob("scr-*"):
        with suppress(OSError):
            if other.name != f"scr-{_stamp()}" and time() - other.stat().st_mtime > A_MONTH:
                rmtree(other, ignore_errors=True)


CACHE = _cache_folder()
"""Where compiled code is kept between processes."""


def stage[F: Callable[..., Any]](function: F) -> F:
    """Compile a loop over cells whose sums may be rearranged; it holds no lock while it runs.

    Parameters
    ----------
    function
        The function. With NUMBA_DISABLE_JIT=1 it stays as it is.
    """
    return _compiled(function, fastmath=FAST, **LEAN)


def routine[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that makes arrays of its own; it holds no lock while it runs.

    Parameters
    ----------
    function
        The function. With NUMBA_DISABLE_JIT=1 it stays as it is.
    """
    return _compiled(function)


def _compiled[F: Callable[..., Any]](function: F, **options: Any) -> F:
    kept, config.CACHE_DIR = config.CACHE_DIR, str(CACHE or "")
    try:
        result: Any = nb.njit(nogil=True, error_model="numpy", cache=CACHE is not None, **options)(
            function
        )
    finally:
        config.CACHE_DIR = kept
    compiled: F = result
    return compiled


def scalar[F: Callable[..., Any]](function: F) -> F:
    """Write a formula of single numbers into the loops that use it.

    Parameters
    ----------
    function
        The function.
    """
    result: Any = nb.njit(inline="always", error_model="numpy")(function)
    written: F = result
    return written


def marker(law: str) -> Path | None:
    """File that is there once a likelihood has been compiled and kept; None where none is kept.

    Parameters
    ----------
    law
        What was compiled, in a word.
    """
    return None if CACHE is None else CACHE / f"{law}.ready"

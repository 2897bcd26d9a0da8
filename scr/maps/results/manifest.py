"""What lies in both folders of results: the run that wrote them, from what, and its files."""

import hmac
import json
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from scr.fit.digests import digest_of_fit, digest_of_mask, digest_of_survey
from scr.fit.result import Fit
from scr.io.results_folder import MANIFEST, PRIVATE, PUBLIC
from scr.io.whole_files import write_text

_KEY_BYTES = 32


def write_manifests(fit: Fit, folder: Path) -> tuple[Path, ...]:
    """Write a manifest into each folder of results, once all else is there.

    Both have the version, the time, the run, engine and seed, the digest of the fit, digests of
    what it was made from, and the SHA-256 of each file. A digest of a table of stations would tell
    whether a guess of their places is right, and so would that of the fit, as a seed gives the same
    draws again: the public one has digests under a secret key, which the private one holds.

    Parameters
    ----------
    fit
        The fit that the results are of.
    folder
        Folder that holds ``public`` and ``private``.

    Returns
    -------
    tuple
        The public file and the private one.
    """
    key = secrets.token_bytes(_KEY_BYTES)
    run = {
        "version": version("scr-density"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "run": uuid4().hex,
        "engine": fit.engine,
        "seed": fit.seed,
    }
    inputs = {
        **fit.made_from,
        "survey as read": digest_of_survey(fit.survey),
        "habitat mask as laid": digest_of_mask(fit.mask),
    }
    digest = digest_of_fit(fit)
    hidden = {name: _keyed(told, key) for name, told in {"fit": digest, **inputs}.items()}
    facts: dict[str, dict[str, Any]] = {
        PUBLIC: {**run, "digests under a key that the project keeps": hidden},
        PRIVATE: {**run, "fit": digest, "inputs": inputs, "key of the public digests": key.hex()},
    }
    return tuple(
        write_text(
            folder / part / MANIFEST,
            json.dumps({**told, "files": _digests(folder / part)}, indent=1, ensure_ascii=False)
            + "\n",
        )
        for part, told in facts.items()
    )


def digest_of_fit_in(part: Path) -> str | None:
    """The digest of the fit that a folder of results is of; None where it has no manifest.

    Parameters
    ----------
    part
        ``public`` or ``private``.
    """
    try:
        told: dict[str, Any] = json.loads((part / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told.get("fit")


def _digests(part: Path) -> dict[str, str]:
    return {
        path.relative_to(part).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(part.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def _keyed(digest: str, key: bytes) -> str:
    return hmac.new(key, digest.encode(), sha256).hexdigest()

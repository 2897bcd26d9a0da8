"""Pictures of a folder of results, taken into a page with a caption each."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scr.model.labels import PARAMETERS

_CAPTIONS = {
    "animals_by_session": (
        "Animals in each session, with 95 % intervals; their density on the right."
    ),
    "expected_density": (
        "Expected density: what the model says of habitat like this. It does not show where "
        "animals were."
    ),
    "expected_density_with_limits": (
        "Expected density between the limits of its 95 % interval, all in the same colours."
    ),
    "expected_density_with_cv": "Expected density beside its coefficient of variation.",
    "averaged_density": (
        "Expected density averaged over the models that were compared, each by its weight."
    ),
    "averaged_density_with_limits": (
        "Averaged density between the limits of its 95 % interval, which hold the uncertainty of "
        "which model is right among those."
    ),
    "density_change": (
        "Change of expected density from the first session to the last: brown where animals have "
        "become fewer."
    ),
    "density_change_with_limits": (
        "Change of expected density between the limits of its 95 % interval."
    ),
    "realised_density": (
        "Realised density: where the animals of this survey lived, those never detected included. "
        "It follows the stations and does not show the quality of habitat."
    ),
    "detectability": "Probability that an animal living in a cell was detected at all.",
    "detection_function": "Detection in one day against distance, with 95 % band.",
    "density_by_covariate": "Density by covariate, with 95 % band.",
    "prior_and_posterior": "Prior and posterior of each coefficient, on its link scale.",
    "fit_checks": (
        "Checks of the fit: what was counted in this survey among surveys simulated by the model."
    ),
    "sampling_area_by_buffer": "Effective sampling area against the buffer of the mask.",
    "movements": "Each animal's mean place of detection, with lines to where it was detected.",
    "effort": "Which station worked on which day, and where animals were detected.",
}
"""Caption by the start of the file's name, in the order of the page."""

_BY_COVARIATE = "_by_covariate"
_WIDE = (
    "expected_density_with_limits",
    "expected_density_with_cv",
    "averaged_density_with_limits",
    "density_change_with_limits",
    "effort",
    "movements",
    "prior_and_posterior",
    "fit_checks",
)
_SHOWN_TWICE = {"expected_density": "expected_density_with_cv"}


@dataclass(frozen=True)
class Picture:
    """One picture of a page.

    Parameters
    ----------
    source
        The picture itself, as a data address.
    caption
        What it shows.
    wide
        Whether it takes the width of the page.
    """

    source: str
    caption: str
    wide: bool


def pictures_in(*folders: Path) -> list[Picture]:
    """PNG files of folders of results that have a caption, in the order of the captions.

    Parameters
    ----------
    folders
        Such as ``public`` and ``public/figures``. The first that has a name is taken.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.png")):
            files.setdefault(path.stem, path)
    found = []
    for stem, path in files.items():
        key = _key(stem)
        if key is not None and not _in_another(stem, key, files):
            found.append((list(_CAPTIONS).index(key), stem, path))
    return [_picture(stem, path) for _, stem, path in sorted(found)]


def within_room(pictures: Sequence[Picture], room: int) -> list[Picture]:
    """Those of the pictures that a page has room for, the first ones first.

    Parameters
    ----------
    pictures
        In the order of the page.
    room
        Bytes.
    """
    kept: list[Picture] = []
    for picture in pictures:
        if len(picture.source) <= room:
            kept.append(picture)
            room -= len(picture.source)
    return kept


def _in_another(stem: str, key: str, files: Mapping[str, Path]) -> bool:
    """Whether another picture shows the same and more."""
    wider = _SHOWN_TWICE.get(key)
    return wider is not None and stem.replace(key, wider, 1) in files


def _key(stem: str) -> str | None:
    """The caption that fits a name, which may go on with a session."""
    if _BY_COVARIATE in stem:
        return "density_by_covariate"
    keys = [key for key in _CAPTIONS if stem == key or stem.startswith(f"{key}_")]
    if stem.startswith(("expected_density_cv", "averaged_density_cv")):
        return None
    return max(keys, key=len, default=None)


def _picture(stem: str, path: Path) -> Picture:
    key = _key(stem) or stem
    caption = _CAPTIONS[key]
    if _BY_COVARIATE in stem:
        parameter = stem.split(_BY_COVARIATE, maxsplit=1)[0]
        label = stem.split(_BY_COVARIATE)[1].lstrip("_")
        caption = caption.replace("Density", PARAMETERS.get(parameter, parameter))
    else:
        label = stem.removeprefix(key).lstrip("_")
    if label.startswith("of_"):
        caption = f"{caption} Region {label.removeprefix('of_')}."
    elif label:
        caption = f"{caption} Session {label}."
    data = b64encode(path.read_bytes()).decode("ascii")
    return Picture(f"data:image/png;base64,{data}", caption, wide=key in _WIDE)

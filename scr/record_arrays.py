"""The data dictionary: every array that the records hold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Array:
    """An array of a record.

    Parameters
    ----------
    name
        ``Record.field``.
    dims
        Names of its dimensions, singular.
    unit
        Unit, or "text", "index" or "1".
    allowed
        Range.
    meaning
        What it holds.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    allowed: str
    meaning: str


ARRAYS: tuple[Array, ...] = (
    Array("Traps.names", ("trap",), "text", "unique in a session", "Name"),
    Array("Traps.xy", ("trap", "axis"), "metres", "finite", "Easting and northing"),
    Array("Traps.rows", ("trap",), "1", ">= 1", "Row of the file, as a spreadsheet counts"),
    Array("Traps.session", ("trap",), "text", "any label", "Session of the trap"),
    Array("Usage.effort", ("trap", "occasion"), "days", ">= 0", "T, days worked; 0: not working"),
    Array("CaptureHistory.individuals", ("individual",), "text", "unique", "Name of the animal"),
    Array("CaptureHistory.individual", ("record",), "index", ">= 0", "Animal of the record"),
    Array("CaptureHistory.occasion", ("record",), "index", ">= 0", "Occasion of the record"),
    Array("CaptureHistory.trap", ("record",), "index", ">= 0", "Trap of the record, in a session"),
    Array("CaptureHistory.count", ("record",), "1", ">= 1", "Detections in the record"),
    Array("CaptureHistory.removed", ("individual",), "boolean", "", "Gone after its last capture"),
    Array("CaptureHistory.xy", ("detection", "axis"), "metres", "finite", "Place, in searches"),
    Array("Sides.side", ("individual",), "1", "0, 1, 2", "Known from both sides, left, right"),
    Array("Sides.two", ("trap", "occasion"), "days", ">= 0", "Time with two cameras working"),
    Array("Sides.one", ("trap", "occasion"), "days", ">= 0", "Time with one camera working"),
    Array("Sides.individual", ("record",), "index", ">= 0", "Animal of the record"),
    Array("Sides.occasion", ("record",), "index", ">= 0", "Occasion of the record"),
    Array("Sides.trap", ("record",), "index", ">= 0", "Station of the record"),
    Array("Sides.type_", ("record",), "index", "0 to 4", "Both; left, right of two; of one"),
    Array("Sides.count", ("record",), "1", ">= 1", "Detections in the record"),
    Array(
        "Sides.known", ("individual",), "1", "0, 1, 2", "1 joined by other means, 2 known before"
    ),
    Array("Fixes.individual", ("fix",), "text", "any label", "Animal with the transmitter"),
    Array("Fixes.xy", ("fix", "axis"), "metres", "finite", "Place by the transmitter"),
    Array("HabitatMask.xy", ("cell", "axis"), "metres", "finite", "Centre of the cell"),
    Array("HabitatMask.cell_area", ("cell",), "km2", "> 0", "Area of the cell"),
    Array("HabitatMask.session", ("cell",), "text", "any label", "Session of the cell"),
    Array("LikelihoodData.point_xy", ("point", "axis"), "metres", "finite", "Place of detectors"),
    Array("LikelihoodData.cell_xy", ("cell", "axis"), "metres", "finite", "Centre of the cell"),
    Array("LikelihoodData.cell_area", ("cell",), "km2", "> 0", "Area of the cell, a"),
    Array("LikelihoodData.distance", ("point", "cell"), "metres", ">= 0", "Where paths bend"),
    Array("LikelihoodData.grid", ("cell", "axis"), "index", ">= 0", "Row and column on a lattice"),
    Array("Parts.start", ("part",), "index", ">= 0", "First edge of an area or line; and the end"),
    Array("Parts.edge", ("edge", "end"), "metres", "finite", "x and y of both ends"),
    Array("Exposures.pattern", ("exposure",), "index", ">= 0", "0: animals never caught"),
    Array("Exposures.class_", ("exposure",), "index", ">= 0", "Class u of the animal"),
    Array("Exposures.point", ("exposure",), "index", ">= 0", "Point"),
    Array("Exposures.effort", ("exposure",), "days", "finite", "Sum of T; < 0 in differences"),
    Array("Exposures.intensity", ("exposure",), "index", ">= 0", "Level of lambda0 or g0"),
    Array("Exposures.shape", ("exposure",), "index", ">= 0", "Level of (sigma, z)"),
    Array("Exposures.group", ("exposure",), "index", ">= -1", "Occasions, if traps compete"),
    Array("Detections.animal", ("detection",), "index", ">= 0", "Animal"),
    Array("Detections.class_", ("detection",), "index", ">= 0", "Class of these parameters"),
    Array("Detections.point", ("detection",), "index", ">= 0", "Point"),
    Array("Detections.count", ("detection",), "1", ">= 1", "Records merged, or sum of counts"),
    Array("Detections.effort", ("detection",), "days", "> 0", "T of a binary record; else 1"),
    Array("Detections.intensity", ("detection",), "index", ">= 0", "Level of lambda0 or g0"),
    Array("Detections.shape", ("detection",), "index", ">= 0", "Level of (sigma, z)"),
    Array(
        "Detections.occasion_group", ("detection",), "index", ">= -1", "Occasion, if traps compete"
    ),
    Array("Detections.is_count", ("detection",), "1", "0 or 1", "Poisson counts among mixed"),
    Array("Animals.pattern", ("animal",), "index", ">= 0", "Pattern of exposure"),
    Array("Animals.allowed", ("animal", "class"), "1", "True, False", "Classes it may belong to"),
    Array("Animals.group", ("animal",), "index", ">= 0", "Group of covariates"),
    Array("Animals.individual", ("animal",), "index", ">= 0", "Individual over all sessions"),
    Array("Animals.constant", ("animal",), "1", "finite", "Terms without a parameter"),
    Array("Animals.side", ("animal",), "1", "0, 1, 2", "Known from both sides, left, right"),
    Array("Animals.known", ("animal",), "1", "0, 1, 2", "1 joined by other means, 2 known before"),
    Array(
        "ModelArrays.log_density", ("class", "cell"), "log per km2", "real", "log D, per session"
    ),
    Array("ModelArrays.intensity", ("level",), "per day, or 1", "> 0", "lambda0, or g0"),
    Array("ModelArrays.sigma", ("level",), "metres", "> 0", "Spatial scale"),
    Array("ModelArrays.z", ("level",), "1 or m", "> 0", "Second shape parameter, or a distance"),
    Array("ModelArrays.log_share", ("session", "class"), "1", "<= 0", "log psi"),
    Array("ModelArrays.resistance", ("cell",), "1", "> 0", "Of ground to movement, per session"),
)
"""Arrays of the records, in the order in which data flow."""

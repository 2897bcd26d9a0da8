"""Which format a folder or file of a project is in, and reading it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from scr.errors import ScrError, SurveyError
from scr.io.archives import check_link
from scr.io.bounds import memory_told
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.camtrap_package import FORM as CAMTRAP_DP
from scr.io.camtrap_package import camtrap_files
from scr.io.camtrapr import FORM as CAMTRAPR
from scr.io.camtrapr import read_camtrapr
from scr.io.excel import read_sheets
from scr.io.file_roles import EXCEL
from scr.io.gpx import read_gpx
from scr.io.observation_level import ObservationLevel
from scr.io.oscr import FORM as OSCR
from scr.io.oscr import read_oscr
from scr.io.packages import open_package
from scr.io.project import ProjectTables, named_table, one_species
from scr.io.secr_text import FORM as SECR
from scr.io.secr_text import looks_like_secr, read_secr
from scr.io.spacecap import FORM as SPACECAP
from scr.io.spacecap import read_spacecap
from scr.io.table_roles import Header, check_one, header_of, one_of_each, with_columns
from scr.io.tables import read_table
from scr.io.title_rows import KIND as TITLE
from scr.io.wildlife_insights import FORM as WILDLIFE_INSIGHTS
from scr.io.wildlife_insights import read_wildlife_insights
from scr.schema import aliases

PLAIN = "plain tables"

_KNOWN = (
    "a Camtrap DP package (datapackage.json, or its tables), a Wildlife Insights download "
    "(deployments.csv and images.csv), camtrapR tables (a station table with Setup_date and a "
    "record table with DateTimeOriginal), secr text files (one with 'capt' in its name, others "
    "with 'trap'), oSCR tables (edf and tdf), SPACECAP tables (LOC_ID, ANIMAL_ID, SO), a workbook "
    "or CSV files of stations, deployments and detections"
)


_DATA = (".csv", ".txt", ".tsv", ".gpx", *EXCEL)
_TEXT = (".csv", ".txt", ".gpx")

Reader = Callable[[str | None], ProjectTables]


@dataclass(frozen=True)
class Recognised:
    """A format found, and the files that it was found in.

    Parameters
    ----------
    form
        Name of the format.
    files
        Files that are read.
    reader
        Gives the tables of a species.
    unused
        Other tables beside them, which are not read.
    levels
        Gives the tables of a species at an observation level, where the format has such.
    """

    form: str
    files: tuple[Path, ...]
    reader: Reader
    unused: tuple[str, ...] = ()
    levels: Callable[[str | None, ObservationLevel | None], ProjectTables] | None = None

    def read(
        self, species: str | None = None, *, observation_level: ObservationLevel | None = None
    ) -> ProjectTables:
        """The tables of the project.

        Parameters
        ----------
        species
            The species meant, where there are several.
        observation_level
            As in ``read_camtrap_dp``.

        Raises
        ------
        SurveyError
            As the reader of the format, or if an observation level is given to one without.
        """
        if self.levels is not None:
            return self.levels(species, observation_level)
        if observation_level is not None:
            msg = f"{self.form} has no observation levels. Leave observation_level out."
            raise SurveyError(msg, kind="observation level not told")
        project = self.reader(species)
        if not self.unused:
            return project
        more = f" and {len(self.unused) - 10} more" if len(self.unused) > 10 else ""
        note = f"Not used: {', '.join(self.unused[:10])}{more}."
        return replace(project, notes=(*project.notes, note))


@memory_told(SurveyError)
def recognise(path: str | Path) -> Recognised:
    """The format of a project's data.

    Parameters
    ----------
    path
        Folder, zip file, workbook, or one file of a package.

    Returns
    -------
    Recognised
        Its ``read(species)`` gives the tables.

    Raises
    ------
    SurveyError
        If nothing there is in a format that can be read; the message lists what was found.
    """
    path = Path(path)
    if not path.exists():
        msg = f"{path} was not found. Give the folder or file that holds the data."
        raise SurveyError(msg, kind="file not found", source=path.name)
    if path.is_file() and path.suffix.lower() in EXCEL:
        return Recognised(PLAIN, (path,), lambda s: _workbook(path, s))
    try:
        package = open_package(path)
    except SurveyError as fault:
        if fault.kind != "no package":
            raise
        raise SurveyError(_nothing(path, [path.name]), kind="format not known") from None
    if package.find("deployments.csv") and package.find("images.csv"):
        return Recognised(
            WILDLIFE_INSIGHTS, (path,), lambda s: read_wildlife_insights(path, species=s)
        )
    if camtrap_files(package) is not None:
        return Recognised(
            CAMTRAP_DP,
            (path,),
            lambda s: read_camtrap_dp(path, species=s),
            levels=lambda s, level: read_camtrap_dp(path, species=s, observation_level=level),
        )
    folder = path if path.is_dir() else path.parent
    files = sorted(f for f in folder.iterdir() if f.is_file())
    for file in files:
        check_link(file, folder)
    found = _secr(files) or _tables(files)
    if found is None:
        _check_titles(files)
        raise SurveyError(_nothing(path, [f.name for f in files]), kind="format not known")
    data = (f for f in files if f.suffix.lower() in _DATA)
    return replace(found, unused=tuple(f.name for f in data if f not in found.files))


def _check_titles(files: list[Path]) -> None:
    """Raise where a table is not known because a title stands above its header."""
    for path in files:
        for kind, needed in (("detections", "individual"), ("deployments", "trap")):
            if path.suffix.lower() not in (".csv", ".txt"):
                continue
            try:
                read_table(path, columns=aliases(kind), required=[needed])
            except ScrError as error:
                if error.kind == TITLE:
                    raise


def _nothing(path: Path, names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return (
        f"{path} holds {', '.join(names[:10]) or 'nothing'}{more}, which is in no format that can "
        f"be read: {_KNOWN}."
    )


def _secr(files: list[Path]) -> Recognised | None:
    texts = [f for f in files if f.suffix.lower() in (".txt", ".csv")]
    captures = [f for f in texts if "capt" in f.name.lower()]
    traps = [f for f in texts if "trap" in f.name.lower() and f not in captures]
    if len(captures) != 1 or not traps or not looks_like_secr(captures[0], traps):
        return None

    def read(_: str | None) -> ProjectTables:
        named = read_secr(captures[0], traps)
        if named.detections["trap"].isin(named.traps["trap"]).any():
            return named
        try:
            return read_secr(captures[0], traps, form="XY")
        except SurveyError:
            return named

    return Recognised(SECR, (captures[0], *traps), read)


def _tables(files: list[Path]) -> Recognised | None:
    headers = [header_of(f) for f in files if f.suffix.lower() in _TEXT]
    headers = [header for header in headers if header.names]
    found = _spacecap(headers) or _camtrapr(headers) or _oscr(headers)
    if found is not None:
        return found
    chosen = one_of_each(headers)
    return None if chosen is None else Recognised(PLAIN, tuple(dict.fromkeys(chosen)),
                                                  lambda s: _plain(*chosen, s))  # fmt: skip


def _spacecap(headers: Sequence[Header]) -> Recognised | None:
    traps = with_columns(headers, "locid", "xcoord", "ycoord")
    captures = with_columns(headers, "locid", "animalid", "so")
    cells = with_columns(headers, "xcoord", "ycoord", "habitat")
    if len(traps) != 1 or len(captures) != 1 or len(cells) > 1:
        return None
    mask = cells[0] if cells else None
    return Recognised(
        SPACECAP,
        (traps[0], captures[0], *cells),
        lambda _: read_spacecap(traps[0], captures[0], mask),
    )


def _camtrapr(headers: Sequence[Header]) -> Recognised | None:
    records = with_columns(headers, "station", "datetimeoriginal")
    stations = [f for f in with_columns(headers, "station", "setupdate") if f not in records]
    if not records or not stations:
        return None
    for what, found in (("record tables", records), ("station tables", stations)):
        check_one(found, what)
    return Recognised(
        CAMTRAPR,
        (stations[0], records[0]),
        lambda s: read_camtrapr(stations[0], records[0], species=s),
    )


def _oscr(headers: Sequence[Header]) -> Recognised | None:
    edf = [h.file for h in headers if "edf" in h.file.name.lower()]
    tdf = [h.file for h in headers if "tdf" in h.file.name.lower()]
    if not edf or not tdf:
        return None
    check_one(edf, "encounter data files (edf)")
    return Recognised(OSCR, (edf[0], *tdf), lambda _: read_oscr(edf[0], tdf))


def _plain(traps: Path, usage: Path, detections: Path, species: str | None) -> ProjectTables:
    places = read_gpx(traps) if traps.suffix.lower() == ".gpx" else _read(traps, "traps")
    seen, notes = _of_species(_read(detections, "detections"), species, source=detections.name)
    return ProjectTables(
        form=PLAIN,
        traps=named_table(places, traps.name),
        usage=named_table(_read(usage, "deployments"), usage.name),
        detections=named_table(seen, detections.name),
        notes=notes,
    )


def _read(path: Path, kind: str) -> pd.DataFrame:
    return read_table(path, columns=aliases(kind))


def _of_species(
    table: pd.DataFrame, species: str | None, *, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of a species that was chosen; which there are is asked where the survey is read."""
    if species is None:
        return table, ()
    if "species" not in table.columns:
        msg = (
            f"{source} has no column 'species', but species={species!r} was given. Add the "
            "column, or leave species out."
        )
        raise SurveyError(msg, kind="column missing", source=source)
    return one_species(table, "species", species=species, source=source)


def _workbook(path: Path, species: str | None) -> ProjectTables:
    if not read_sheets(path, error=SurveyError):
        msg = f"{path.name} has no sheet with anything in it."
        raise SurveyError(msg, kind="empty file", source=path.name)
    traps = read_table(path, columns=aliases("traps"), required=["trap"], label="trap table")
    usage = read_table(
        path, columns=aliases("deployments"), required=["trap"], label="table of usage"
    )
    seen = read_table(
        path,
        columns=aliases("detections"),
        required=["individual", "trap"],
        label="table of detections",
    )
    seen, notes = _of_species(seen, species, source=path.name)
    return ProjectTables(
        form=PLAIN,
        notes=notes,
        traps=named_table(traps, f"{path.name}, stations"),
        usage=named_table(usage, f"{path.name}, deployments"),
        detections=named_table(seen, f"{path.name}, detections"),
    )

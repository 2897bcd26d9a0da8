"""Which format a folder or file of a project is in, and reading it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scr.errors import ScrError, SurveyError
from scr.io.camtrap_dp import FORM as CAMTRAP_DP
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.camtrapr import FORM as CAMTRAPR
from scr.io.camtrapr import read_camtrapr
from scr.io.excel import EXCEL, read_sheets
from scr.io.gpx import read_gpx
from scr.io.oscr import FORM as OSCR
from scr.io.oscr import read_oscr
from scr.io.packages import open_package
from scr.io.project import ProjectTables, named_table
from scr.io.secr_text import FORM as SECR
from scr.io.secr_text import read_secr
from scr.io.tables import read_table
from scr.io.wildlife_insights import FORM as WILDLIFE_INSIGHTS
from scr.io.wildlife_insights import read_wildlife_insights
from scr.schema import aliases, plain

PLAIN = "plain tables"

_DATES = {"start", "end"}
_KNOWN = (
    "a Camtrap DP package (datapackage.json), a Wildlife Insights download (deployments.csv and "
    "images.csv), camtrapR tables (a station table with Setup_date and a record table with "
    "DateTimeOriginal), secr text files (one with 'capt' in its name, others with 'trap'), oSCR "
    "tables (edf and tdf), a workbook or CSV files of stations, deployments and detections"
)


@dataclass(frozen=True)
class Recognised:
    """A format found, and the files that it was found in."""

    form: str
    files: tuple[Path, ...]
    read: Callable[[str | None], ProjectTables]


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
        return Recognised(PLAIN, (path,), lambda _: _workbook(path))
    try:
        package = open_package(path)
    except SurveyError:
        raise SurveyError(_nothing(path, [path.name]), kind="format not known") from None
    if package.find("datapackage.json"):
        return Recognised(CAMTRAP_DP, (path,), lambda s: read_camtrap_dp(path, species=s))
    if package.find("deployments.csv") and package.find("images.csv"):
        return Recognised(
            WILDLIFE_INSIGHTS, (path,), lambda s: read_wildlife_insights(path, species=s)
        )
    folder = path if path.is_dir() else path.parent
    files = sorted(f for f in folder.iterdir() if f.is_file())
    found = _secr(files) or _tables(files)
    if found is None:
        raise SurveyError(_nothing(path, [f.name for f in files]), kind="format not known")
    return found


def _nothing(path: Path, names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return (
        f"{path} holds {', '.join(names[:10]) or 'nothing'}{more}, which is in no format that can "
        f"be read: {_KNOWN}."
    )


def _secr(files: list[Path]) -> Recognised | None:
    texts = [f for f in files if f.suffix.lower() == ".txt"]
    captures = [f for f in texts if "capt" in f.name.lower()]
    traps = [f for f in texts if "trap" in f.name.lower() and f not in captures]
    if len(captures) != 1 or not traps:
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
    headers = {f: _header(f) for f in files if f.suffix.lower() in (".csv", ".txt", ".gpx")}
    headers = {f: header for f, header in headers.items() if header}
    roles = {role: [f for f, h in headers.items() if _fits(role, h)] for role in _ROLES}
    records = roles["camtrapr records"]
    stations = [f for f in roles["camtrapr stations"] if f not in records]
    if records and stations:
        return Recognised(
            CAMTRAPR,
            (stations[0], records[0]),
            lambda s: read_camtrapr(stations[0], records[0], species=s),
        )
    edf = [f for f in headers if "edf" in f.name.lower()]
    tdf = [f for f in headers if "tdf" in f.name.lower()]
    if edf and tdf:
        return Recognised(OSCR, (edf[0], *tdf), lambda _: read_oscr(edf[0], tdf))
    detections, effort, traps = roles["detections"], roles["usage"], roles["traps"]
    traps = [f for f in traps if f not in detections] or traps
    if detections and effort and traps:
        chosen = (traps[0], effort[0], detections[0])
        return Recognised(PLAIN, chosen, lambda _: _plain(*chosen))
    return None


_ROLES = {
    "camtrapr stations": ({"station"}, {"setupdate"}),
    "camtrapr records": ({"station"}, {"datetimeoriginal"}),
    "detections": ({"trap"}, {"individual"}),
    "usage": ({"trap"}, _DATES),
    "traps": ({"trap"}, {"x", "y"}),
}


def _fits(role: str, header: set[str]) -> bool:
    needed = set().union(*_ROLES[role])
    return needed <= header or (role == "traps" and {"trap", "lon", "lat"} <= header)


def _header(path: Path) -> set[str]:
    """Names of the columns, as they stand and as they are known inside."""
    if path.suffix.lower() == ".gpx":
        return {"trap", "lon", "lat"}
    try:
        columns = [str(c) for c in read_table(path).columns]
    except ScrError:
        return set()
    names = {plain(c) for c in columns}
    for table in ("traps", "deployments", "detections"):
        for inside, accepted in aliases(table).items():
            if inside != "individual" or table == "detections":
                names |= {inside} if any(plain(a) in names for a in accepted) else set()
    return names


def _plain(traps: Path, usage: Path, detections: Path) -> ProjectTables:
    places = read_gpx(traps) if traps.suffix.lower() == ".gpx" else read_table(traps)
    return ProjectTables(
        form=PLAIN,
        traps=named_table(places, traps.name),
        usage=named_table(read_table(usage), usage.name),
        detections=named_table(read_table(detections), detections.name),
    )


def _workbook(path: Path) -> ProjectTables:
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
    return ProjectTables(
        form=PLAIN,
        traps=named_table(traps, f"{path.name}, stations"),
        usage=named_table(usage, f"{path.name}, deployments"),
        detections=named_table(seen, f"{path.name}, detections"),
    )

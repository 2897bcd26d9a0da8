"""Files made to fill the memory or to lead out of a package: refused in words."""

import bz2
import gzip
import json
import lzma
import os
import stat
import struct
import subprocess
import sys
import zipfile
import zlib

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.errors import ScrError, SurveyError
from scr.io import csv_text
from scr.io.bounds import MOST_BYTES, bounded
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.recognise import recognise
from scr.io.tables import read_table

CAMERAS = (
    "deploymentID,locationID,longitude,latitude,deploymentStart,deploymentEnd\n"
    "d1,A,129,36,2024-05-01T06:00:00Z,2024-06-01T06:00:00Z\n"
)
SEEN = "deploymentID,eventStart,individualID\nd1,2024-05-02T12:00:00Z,x\n"
FILLER = b"d1,2024-05-02T12:00:00Z," + b"x" * 999_975 + b"\n"
"""A row of a million bytes."""


def described(**paths):
    named = {"deployments": "deployments.csv", "observations": "observations.csv"} | paths
    return json.dumps({"resources": [{"name": n, "path": p} for n, p in named.items()]})


@pytest.fixture
def folder(tmp_path):
    inner = tmp_path / "package"
    inner.mkdir()
    (inner / "datapackage.json").write_text(described())
    (inner / "deployments.csv").write_text(CAMERAS)
    (inner / "observations.csv").write_text(SEEN)
    (tmp_path / "secret.csv").write_text(SEEN)
    return inner


def refused(data, tmp_path, *words):
    """Python and scr init both refuse, in words; nothing is written."""
    with pytest.raises(SurveyError) as caught:
        recognise(data).read()
    ended = CliRunner().invoke(app, ["init", str(tmp_path / "out"), "--from", str(data)])
    assert ended.exit_code == 1, ended.output
    assert not list(tmp_path.glob("out/*.csv"))
    for word in words:
        assert word in str(caught.value)
        assert word in " ".join(ended.output.split())
    assert "Traceback" not in ended.output


def zipped(path, members, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = more.get("compress_type", zipfile.ZIP_DEFLATED)
            archive.writestr(info, content)
    return path


def package(**observations):
    return {"datapackage.json": described(), "deployments.csv": CAMERAS} | (
        observations or {"observations.csv": SEEN}
    )


def bomb(path, n_million, *, stated=None):
    """A zip file whose observations unpack to so many million bytes, made without packing them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(FILLER) + packer.flush(zlib.Z_FULL_FLUSH)
    data = block * n_million + packer.flush()
    size = (n_million * 1_000_000) if stated is None else stated
    zipped(path, package())
    with zipfile.ZipFile(path, "a") as archive:
        archive.NameToInfo.pop("observations.csv")
        archive.filelist = [i for i in archive.filelist if i.filename != "observations.csv"]
        start = archive.start_dir
        archive.fp.seek(start)
        name = b"observations.csv"
        fields = (20, 0, 8, 0, 33, 0, len(data), size, len(name), 0)
        archive.fp.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields) + name + data)
        info = zipfile.ZipInfo("observations.csv")
        info.compress_type, info.header_offset = zipfile.ZIP_DEFLATED, start
        info.compress_size, info.file_size, info.CRC = len(data), size, 0
        info.create_system, info.date_time = 3, (1980, 1, 1, 0, 0, 0)
        archive.filelist.append(info)
        archive.NameToInfo["observations.csv"] = info
        archive.start_dir = archive.fp.tell()
        archive._didModify = True
    return path


def test_zip__what_unpacks_to_more_than_a_table_may_hold_is_refused(tmp_path):
    path = bomb(tmp_path / "p.zip", 4000)
    assert path.stat().st_size < 8_000_000
    refused(path, tmp_path, "observations.csv has 4,000,000,000 bytes, unpacked, or more")


def test_zip__a_stated_size_that_is_a_lie_is_refused(tmp_path):
    path = bomb(tmp_path / "p.zip", 50, stated=3_000_000)
    refused(path, tmp_path, "observations.csv")


def test_bounded__stops_before_it_has_given_too_much():
    class Endless:
        def read(self, size):
            return (b"x" * 999 + b"\n") * (size // 1000)

        def close(self):
            pass

    def drain():
        while chunk := stream.read(1 << 24):
            given.append(len(chunk))

    stream = bounded(Endless(), source="endless.csv")
    given = []
    with pytest.raises(SurveyError, match=r"endless\.csv has .* bytes, unpacked, or more"):
        drain()
    assert sum(given) <= MOST_BYTES


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\n" * 5_100_000, "rows or more"), (b"x" * 11_000_000, "bytes in one line or more")],
)
@pytest.mark.parametrize("packed", ["zip", "gz"])
def test_package__rows_and_lines_beyond_all_bounds_are_refused(
    folder, tmp_path, content, words, packed
):
    if packed == "zip":
        data = zipped(tmp_path / "p.zip", package(**{"observations.csv": SEEN.encode() + content}))
    else:
        data = folder
        (folder / "datapackage.json").write_text(described(observations="o.csv.gz"))
        (folder / "o.csv.gz").write_bytes(gzip.compress(SEEN.encode()) + gzip.compress(content))
    assert sum(f.stat().st_size for f in tmp_path.glob("*.zip")) < 100_000
    refused(data, tmp_path, words)


def test_package__columns_beyond_all_bounds_are_refused(folder, tmp_path):
    header = ",".join(f"c{k}" for k in range(20_000))
    (folder / "observations.csv").write_text(f"{header}\n")
    refused(folder, tmp_path, "20,000 columns")


OUTSIDE = (
    "../secret.csv", "..\\secret.csv", "data/../../secret.csv", "/etc/hostname", "C:/secret.csv",
    "C:secret.csv", "\\\\server\\share\\secret.csv", "aux.csv", "data/COM1", "a\nb.csv",
)  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_datapackage__paths_out_of_the_package_are_refused(folder, tmp_path, path):
    (folder / "datapackage.json").write_text(described(observations=path))
    refused(folder, tmp_path, "which does not lie in it")
    (folder / "datapackage.json").write_text(described(media=path))
    refused(folder, tmp_path, "which does not lie in it")


@pytest.mark.parametrize(
    "address", ["https://example.org/o.csv", "file:///etc/hostname", "s3://b/o"]
)
def test_datapackage__addresses_are_not_fetched(folder, tmp_path, address):
    (folder / "datapackage.json").write_text(described(observations=address))
    refused(folder, tmp_path, address, "nothing is fetched from the network")
    (folder / "datapackage.json").write_text(described(media=address))
    assert len(read_camtrap_dp(folder).detections) == 1


def test_package__links_out_of_it_are_refused_and_links_within_are_not(folder, tmp_path):
    (folder / "observations.csv").unlink()
    (folder / "real.csv").write_text(SEEN)
    (folder / "observations.csv").symlink_to(folder / "real.csv")
    assert len(read_camtrap_dp(folder).detections) == 1
    (folder / "observations.csv").unlink()
    (folder / "observations.csv").symlink_to(tmp_path / "secret.csv")
    refused(folder, tmp_path, "'observations.csv', a link to a file outside")
    (folder / "observations.csv").unlink()
    (folder / "data").symlink_to(tmp_path)
    (folder / "datapackage.json").write_text(described(observations="data/secret.csv"))
    refused(folder, tmp_path, "a link to a file outside")


def test_folder_of_tables__links_out_of_it_are_refused(tmp_path):
    (tmp_path / "secret.csv").write_text("station,x,y\nA,0,0\n")
    inner = tmp_path / "tables"
    inner.mkdir()
    (inner / "stations.csv").symlink_to(tmp_path / "secret.csv")
    (inner / "deployments.csv").write_text("station,start,end\nA,2024-05-01,2024-05-03\n")
    (inner / "detections.csv").write_text("individual,station,date\nx,A,2024-05-02\n")
    refused(inner, tmp_path, "'stations.csv', a link to a file outside")


def test_package__a_pipe_is_no_table(folder, tmp_path):
    (folder / "observations.csv").unlink()
    os.mkfifo(folder / "observations.csv")
    refused(folder, tmp_path, "observations.csv is named by the package but is not there")


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/evil.csv", "C:\\evil.csv", "..\\evil.csv", "nul"]
)
def test_zip__names_out_of_it_are_refused(tmp_path, name):
    data = zipped(tmp_path / "p.zip", package() | {name: SEEN})
    refused(data, tmp_path, "which does not lie in it")


def test_zip__a_link_in_it_is_no_table(tmp_path):
    link = zipfile.ZipInfo("observations.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    members = {"datapackage.json": described(), "deployments.csv": CAMERAS, link: "/etc/hostname"}
    refused(zipped(tmp_path / "p.zip", members), tmp_path, "observations.csv is a link")


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip__packed_in_unusual_ways_is_refused(tmp_path, way):
    data = zipped(tmp_path / "p.zip", package(), compress_type=way)
    refused(data, tmp_path, "packed in a way that is not read")


def test_zip__two_packages_or_two_files_of_one_name_are_refused(tmp_path):
    twice = {f"{d}/{n}": c for d in "ab" for n, c in package().items()}
    refused(zipped(tmp_path / "p.zip", twice), tmp_path, "2 files called")
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(tmp_path / "q.zip", package() | {zipfile.ZipInfo("deployments.csv"): CAMERAS})
    refused(data, tmp_path, "more than one file 'deployments.csv'")


def test_zip__an_immense_list_of_files_is_refused_unread(tmp_path):
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 9, 1, *[0] * 6) + b"a"
    listed = entry * 500_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), 0, 0)  # "one file"
    path = tmp_path / "p.zip"
    path.write_bytes(listed + end)
    refused(path, tmp_path, "bytes in its list of files")


def test_zip__a_zip_file_within_is_no_table(tmp_path):
    inner = zipped(tmp_path / "inner.zip", package()).read_bytes()
    data = zipped(tmp_path / "p.zip", package(**{"observations.csv": inner}))
    refused(data, tmp_path, "observations.csv")


def test_datapackage__nested_without_end_is_refused(folder, tmp_path):
    (folder / "datapackage.json").write_text("[" * 200_000)
    refused(folder, tmp_path, "datapackage.json does not list resources")


@pytest.mark.parametrize("name", ["o.csv.bz2", "o.csv.xz", "o.csv.zst"])
def test_datapackage__other_ways_of_packing_are_refused(folder, tmp_path, name):
    packed = {"bz2": bz2.compress, "xz": lzma.compress}.get(name[-3:].strip("."), bytes)
    (folder / name).write_bytes(packed(SEEN.encode() * 9 + b"\xff\xfd"))
    (folder / "datapackage.json").write_text(described(observations=name))
    refused(folder, tmp_path, name)


def sparse(path):
    path.write_text("station,x,y\nA,0,0\n")
    os.truncate(path, 200_000_000)


ABSURD = {
    "bytes or more": sparse,
    "letters in one line or more": lambda path: path.write_text(
        "station,x,y\n" + "A" * 11_000_000 + ",0,0\n"
    ),
    "20,003 columns or more": lambda path: path.write_text(
        "station,x,y" + "".join(f",c{k}" for k in range(20_000)) + "\nA,0,0\n"
    ),
    "cells or more": lambda path: path.write_text("station,x,y\n" + ",,\n" * 34_000),
}


@pytest.mark.parametrize("words", ABSURD)
def test_plain_tables__of_absurd_size_are_refused(tmp_path, monkeypatch, words):
    assert csv_text.MOST_CELLS == 10_000_000
    monkeypatch.setattr(csv_text, "MOST_CELLS", 100_000)  # so many are slow to reach
    path = tmp_path / "stations.csv"
    ABSURD[words](path)
    with pytest.raises(SurveyError, match=words):
        scr.read_traps(path, crs="local")
    (tmp_path / "d.csv").write_text("station,start,end\nA,2024-05-01,2024-05-03\n")
    (tmp_path / "s.csv").write_text("individual,station,date\nx,A,2024-05-02\n")
    toml = tmp_path / "survey.toml"
    toml.write_text(
        '[survey]\ntraps = "stations.csv"\ndeployments = "d.csv"\ndetections = "s.csv"\n'
        'crs = "local"\n[mask]\nbuffer = 9_000\nspacing = 1_000\n'
    )
    ended = CliRunner().invoke(app, ["check", str(toml)])
    assert ended.exit_code == 1
    assert words in " ".join(ended.output.split())


def workbook(path, part, content):
    """A workbook in which one part has been replaced."""
    book = Workbook()
    book.active.append(["station", "x", "y"])
    book.active.append(["A", 0, 0])
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(path, members | {part: content})


SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_workbook__what_unpacks_to_too_much_is_refused(tmp_path):
    rows = b"<worksheet " + MAIN + b"><sheetData>" + b'<row r="1"></row>' * 6_000_000
    path = workbook(tmp_path / "s.xlsx", SHEET, rows)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(SurveyError, match=r"sheet1\.xml has .* bytes, unpacked, or more"):
        read_table(path)
    refused(path, tmp_path, "bytes, unpacked, or more")


def test_workbook__entities_that_grow_are_refused(tmp_path):
    entities = b"".join(
        b'<!ENTITY e%d "%s">' % (k, b"&e%d;" % (k - 1) * 10 if k else b"x" * 100) for k in range(9)
    )
    grown = (
        b"<!DOCTYPE x [" + entities + b"]><worksheet " + MAIN + b'><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&e8;</t></is></c></row></sheetData></worksheet>'
    )
    path = workbook(tmp_path / "s.xlsx", SHEET, grown)
    with pytest.raises(SurveyError, match="no Excel workbook that can be read"):
        read_table(path)


def test_workbook__a_cell_at_the_far_corner_does_no_harm(tmp_path):
    book = Workbook()
    book.active.append(["station", "x", "y"])
    book.active.append(["A", 0, 0])
    book.active["XFD1048576"] = " "
    book.save(tmp_path / "s.xlsx")
    assert read_table(tmp_path / "s.xlsx", required=["station"])["station"].tolist() == ["A"]


def test_memory__too_little_is_told_in_words(folder, tmp_path):
    # As much memory as Python and its libraries hold already, and 60 MB; the file holds 90 MB.
    with (folder / "observations.csv").open("a") as stream:
        stream.writelines(f"d1,2024-05-02T12:00:00Z,animal{k:030d}\n" for k in range(1_500_000))
    wide = "station,x,y\n" + "".join(f"s{k},0,0\n" for k in range(2_000_000))
    (tmp_path / "stations.csv").write_text(wide)
    script = (
        "import resource, sys, scr\n"
        "from scr.io.camtrap_dp import read_camtrap_dp\n"
        "scr.read_traps, scr.read_survey\n"
        "import pandas as pd; pd.DataFrame({'a': pd.Series(['x', None], dtype='str')}).dropna()\n"
        "held = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (held + 60_000_000,) * 2)\n"
        "for read in (lambda: read_camtrap_dp(sys.argv[1]),\n"
        "             lambda: scr.read_traps(sys.argv[2], crs='local')):\n"
        "    try:\n"
        "        read()\n"
        "    except scr.ScrError as fault:\n"
        "        print(type(fault).__name__, fault.kind, str(fault)[:40])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, folder, tmp_path / "stations.csv"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.count("SurveyError too little memory There is too little memory") == 2


def fails(*_, **__):
    raise MemoryError


@pytest.mark.parametrize(
    ("patched", "call"),
    [
        ("scr.survey.reading_traps.read_table", lambda p: scr.read_traps(p, crs="local")),
        ("scr.habitat.reading.read_table", lambda p: scr.read_mask(p, crs="local")),
        ("scr.io.oscr.read_table", lambda p: recognise(p.parent).read()),
    ],
)
def test_memory__every_reader_tells_it(tmp_path, monkeypatch, patched, call):
    (tmp_path / "edf.csv").write_text("session,ind,occ,trap\n1,x,1,A\n")
    (tmp_path / "tdf.csv").write_text("trap,x,y,1\nA,0,0,1\n")
    monkeypatch.setattr(patched, fails)
    with pytest.raises(ScrError, match="too little memory"):
        call(tmp_path / "tdf.csv")


@pytest.mark.parametrize("command", ["check", "fit"])
def test_memory__commands_tell_it(tmp_path, monkeypatch, command):
    (tmp_path / "s.csv").write_text("individual,station,date\nx,A,2024-05-02\n")
    (tmp_path / "t.csv").write_text("station,x,y,start,end\nA,0,0,2024-05-01,2024-05-03\n")
    toml = tmp_path / "survey.toml"
    toml.write_text(
        '[survey]\ntraps = "t.csv"\ndeployments = "t.csv"\ndetections = "s.csv"\ncrs = "local"\n'
        "[mask]\nbuffer = 9_000\nspacing = 1_000\n"
    )
    monkeypatch.setattr("scr.project.loading.build_mask", fails)
    ended = CliRunner().invoke(app, [command, str(toml)])
    assert ended.exit_code == 1
    assert "There is too little memory" in " ".join(ended.output.split())
    assert "Traceback" not in ended.output

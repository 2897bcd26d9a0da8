"""Pages whose code is run: the tutorials. Run as a script it writes their output and pictures anew.

In a page of ``docs/tutorials``

- a block of ``python`` is run, and a block of ``sh`` with commands of scr is too, in a folder that
  begins with the files of ``tutorials/data/<page>``;
- a block with a caption is a file, which is written first;
- a block of ``text`` that follows is what was printed;
- a picture ``images/<page>/<name>.png`` is the file of that name in the folder.

The tests run the same, and hold what is printed to the page, numbers to 2 %.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from PIL import Image
from typer.testing import CliRunner

from scr.cli.main import app

HERE = Path(__file__).resolve().parent / "tutorials"
WIDTH = 900

_BLOCK = re.compile(
    r"^```(?P<kind>python|sh|text|\{code-block\} \w+)\n(?::caption: (?P<file>\S+)\n\n?)?"
    r"(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_PICTURE = re.compile(r"!\[[^\]]*\]\((images/[\w/]+\.png)\)")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_CLOSE, _LAST_DIGITS = 0.02, 2


@dataclass
class Step:
    """A block that is run, with what the page says it prints."""

    kind: str
    text: str
    said: str | None = None
    at: tuple[int, int] = (0, 0)


def pages() -> list[Path]:
    """Pages that are run."""
    return sorted(p for p in HERE.glob("*.md") if p.stem != "index")


def steps_of(text: str) -> list[Step]:
    """The blocks of a page that are run, in order."""
    steps: list[Step] = []
    end = -1
    for found in _BLOCK.finditer(text):
        follows = end >= 0 and not text[end : found.start()].strip()
        if found["kind"] == "text" and found["file"] is None:
            if follows:
                steps[-1].said, steps[-1].at = found["text"], found.span("text")
            end = -1
        elif found["file"] is not None:
            steps.append(Step(f"file {found['file']}", found["text"]))
            end = -1
        else:
            steps.append(Step(found["kind"], found["text"]))
            end = found.end()
    return steps


@contextmanager
def folder_of(page: Path) -> Iterator[Path]:
    """A folder with the files of a page, and for the time being the working folder."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = HERE / "data" / page.stem
        if data.is_dir():
            shutil.copytree(data, folder, dirs_exist_ok=True)
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def run(page: Path) -> Iterator[tuple[Step, str]]:
    """Each block of a page with what it prints, run in the working folder."""
    names: dict[str, Any] = {"__name__": "__main__"}
    start = Path.cwd()
    for step in steps_of(page.read_text(encoding="utf-8")):
        if step.kind.startswith("file "):
            target = Path(step.kind.removeprefix("file "))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, encoding="utf-8")
        elif step.kind == "python":
            printed = io.StringIO()
            code = compile(step.text, f"{page.name}", "exec")
            with contextlib.redirect_stdout(printed):
                exec(code, names)
            yield step, printed.getvalue()
        elif step.kind == "sh":
            yield step, "".join(_command(line, start) for line in step.text.splitlines())


def _command(line: str, start: Path) -> str:
    """What one command prints."""
    words = shlex.split(line, comments=True)
    if not words:
        return ""
    if words[0] == "cd":
        os.chdir(words[1])
        return ""
    if words[0] != "scr":
        return ""
    arguments = [
        one
        for word in words[1:]
        for one in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
    ]
    told = CliRunner().invoke(app, arguments, prog_name="scr", env={"COLUMNS": "100"})
    if told.exit_code:
        msg = f"{line!r} ended with {told.exit_code}:\n{told.output}"
        raise RuntimeError(msg) from told.exception
    return told.stdout.replace(f"{start}/", "")


def same(printed: str, said: str) -> bool:
    """Whether text is the same and numbers are close."""
    words = [re.sub(r"\s+", " ", _NUMBER.sub("#", text)).strip() for text in (printed, said)]
    if words[0] != words[1]:
        return False
    pairs = zip(_NUMBER.findall(printed), _NUMBER.findall(said), strict=True)
    return all(_near(a, b) for a, b in pairs)


def _near(a: str, b: str) -> bool:
    x, y = (float(text.replace(",", "")) for text in (a, b))
    unit = 10.0 ** -max(len(text.partition(".")[2]) for text in (a, b))
    return abs(x - y) <= max(_CLOSE * max(abs(x), abs(y)), _LAST_DIGITS * unit)


def rewrite(page: Path) -> None:
    """Write what is printed, and the pictures, anew."""
    text = page.read_text(encoding="utf-8")
    with folder_of(page) as folder:
        parts, last = [], 0
        for step, printed in run(page):
            if step.said is not None:
                lines = [line.rstrip() for line in printed.splitlines()]
                parts += [text[last : step.at[0]], "\n".join(lines).strip("\n") + "\n"]
                last = step.at[1]
        for picture in _PICTURE.findall(text):
            found = folder.rglob(Path(picture).name)
            source = min(found, key=lambda file: ("private" in file.parts, len(file.parts)))
            target = HERE / picture
            target.parent.mkdir(parents=True, exist_ok=True)
            with Image.open(source) as full:
                small = full.convert("RGB")
            small.thumbnail((WIDTH, 2 * WIDTH))
            small.save(target, optimize=True)
    page.write_text("".join(parts) + text[last:], encoding="utf-8")


if __name__ == "__main__":
    mpl.use("Agg")
    wanted = set(sys.argv[1:])
    for one in pages():
        if not wanted or one.stem in wanted:
            rewrite(one)
            sys.stdout.write(f"ran {one.name}\n")

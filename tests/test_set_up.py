import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def old_python(folder: Path) -> Path:
    folder.mkdir()
    path = folder / "python3"
    path.write_text(f'#!/bin/sh\ncase "$2" in *print*) echo "3.9.1 {path}";; *) exit 1;; esac\n')
    path.chmod(0o755)
    return folder


def find_python(*path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(ROOT / ".ci" / "find_python")],
        env={"PATH": os.pathsep.join(map(str, path)), "HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


def test_find_python__none_new_enough_says_what_was_found_and_what_is_needed(tmp_path):
    result = find_python(old_python(tmp_path / "bin"), home=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "needs Python 3.12 or newer" in result.stderr
    assert f"3.9.1 {tmp_path / 'bin' / 'python3'}" in result.stderr


def test_find_python__passes_over_an_old_one(tmp_path):
    later = tmp_path / "later"
    later.mkdir()
    (later / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (later / "python3").chmod(0o755)
    result = find_python(old_python(tmp_path / "bin"), later, home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).samefile(sys.executable)


def test_find_python__looks_in_pyenv(tmp_path):
    python = tmp_path / ".pyenv" / "versions" / "3.13.9" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    result = find_python(old_python(tmp_path / "bin"), home=tmp_path)
    assert result.returncode == 0, result.stderr

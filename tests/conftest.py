"""What every test may use, and the count of what a bare clone cannot test."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference"
"""Published data and figures of other programs, beside the checkout and not part of it."""


@pytest.fixture(scope="session")
def reference() -> Path:
    """Folder of ../shared/reference; a test that asks for it is skipped where it is absent."""
    if not REFERENCE.is_dir():
        pytest.skip("../shared/reference is absent")
    return REFERENCE


@pytest.fixture(scope="session")
def troubles(reference: Path) -> Path:
    """Folder of ../shared/troubles, which stands beside ../shared/reference."""
    return reference.parent / "troubles"


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands draw where they compute; tests/maps/test_second_process.py is of the other way."""
    monkeypatch.setattr("scr.maps.results.second_process._start", lambda: None)


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made but not drawn, for tests that look at no picture."""

    def nothing(_: Figure, target: str | IO[bytes] | PdfPages, **__: object) -> None:
        if isinstance(target, str):
            Path(target).write_bytes(b"no picture")
        elif not isinstance(target, PdfPages):
            target.write(b"no picture")

    monkeypatch.setattr(Figure, "savefig", nothing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped, and whether that is allowed."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not REFERENCE.is_dir():
        terminalreporter.write_line(
            f"{len(skipped)} tests were skipped because ../shared/reference is absent", yellow=True
        )
        return
    for report in skipped:
        terminalreporter.write_line(
            f"FAILED {report.nodeid}: skipped although ../shared/reference is present", red=True
        )


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Let a skip fail the run where ../shared/reference is present."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and REFERENCE.is_dir() and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""What every test may use, and the count of what a bare clone cannot test."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, which reaches nothing but this computer."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("Debian's chromium and chromium-driver are not installed; make test does that")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--proxy-server=127.0.0.1:9",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()


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

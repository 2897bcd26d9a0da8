"""Both pages of a small survey in a real browser that has no network."""

import json
import shutil
from urllib.parse import urlsplit

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import Select, WebDriverWait

import scr
from scr.maps.public import public_surface
from scr.posterior.detectability import largest_sigma
from scr.report.page import write_reports

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PAGES = ("public", "private")
LARGEST, WAIT_S = 5_000_000, 20

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="Debian's chromium and chromium-driver are not installed; make test installs them",
)

# Bokeh draws inside shadow roots, which plain queries do not enter.
DEEP = """
const found = [];
const visit = (root, wanted) => root.querySelectorAll("*").forEach((element) => {
    if (element.matches(wanted)) found.push(element);
    if (element.shadowRoot) visit(element.shadowRoot, wanted);
});
visit(document, arguments[0]);
"""

# Where a place of the map, in metres, is in the window.
WHERE = """
const [x, y] = arguments;
const look = (view) => view.frame ? view : [...view.child_views].map(look).find(Boolean);
const plot = look([...Bokeh.index.roots][0]);
const box = plot.el.getBoundingClientRect();
return [box.left + plot.frame.x_scale.compute(x), box.top + plot.frame.y_scale.compute(y)];
"""


@pytest.fixture(scope="module")
def folder(fit, region, tmp_path_factory):
    """A folder of results with the two pages."""
    folder = tmp_path_factory.mktemp("results")
    write_reports(fit, folder, region=region, title="Far Valley", banner="SIMULATED")
    return folder


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
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
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def load(browser, folder):
    """Open a page of results in a window of a given size, and wait until its map is drawn."""

    def load(page, *, width=1200, height=900):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        for kind in ("browser", "performance"):
            browser.get_log(kind)
        browser.get((folder / page / "report.html").as_uri())
        wait(browser, lambda _: deep(browser, "canvas"))
        wait(browser, lambda _: browser.execute_script("return Bokeh.documents[0].is_idle"))
        return browser

    return load


def wait(browser, condition):
    return WebDriverWait(browser, WAIT_S, poll_frequency=0.1).until(condition)


def deep(browser, wanted):
    """Elements, those inside shadow roots too."""
    return browser.execute_script(DEEP + "return found;", wanted)


def drawn(browser):
    """What the largest canvas shows."""
    code = (
        "found.sort((a, b) => b.width * b.height - a.width * a.height);"
        "return found.filter((c) => c.width * c.height === found[0].width * found[0].height)"
        ".map((canvas) => canvas.toDataURL()).join();"
    )
    return browser.execute_script(DEEP + code, "canvas")


def tooltip(browser):
    """Text of the box beside the pointer."""
    code = (
        "return found.filter((box) => getComputedStyle(box).display !== 'none')"
        ".map((box) => [box, ...(box.shadowRoot ? box.shadowRoot.querySelectorAll('*') : [])]"
        ".map((part) => part.innerText || '').join(' ')).join(' ');"
    )
    return browser.execute_script(DEEP + code, ".bk-Tooltip")


def hover(browser, xy):
    """Put the pointer on a place of the map, and wait for its numbers."""
    canvas = deep(browser, "canvas")[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    x, y = browser.execute_script(WHERE, float(xy[0]), float(xy[1]))
    pointer = ActionChains(browser, duration=50)
    pointer.w3c_actions.pointer_action.move_to_location(int(x) - 3, int(y) - 3)
    pointer.w3c_actions.pointer_action.move_to_location(round(x), round(y))
    pointer.perform()
    return wait(browser, lambda _: tooltip(browser).strip() or None)


@pytest.mark.parametrize("page", PAGES)
def test_page__loads_without_a_word_on_the_console(load, page):
    browser = load(page)
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []


@pytest.mark.parametrize("page", PAGES)
def test_page__asks_for_no_file_but_itself(load, folder, page):
    browser = load(page)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    own = (folder / page / "report.html").as_uri()
    assert own in asked
    others = {url for url in asked if url != own}
    assert {urlsplit(url).scheme for url in others} <= {"data", "blob"}
    loaded = browser.execute_script(
        "return [...document.querySelectorAll('[src], link[href]')]"
        ".map((element) => element.getAttribute('src') || element.getAttribute('href'))"
    )
    assert {urlsplit(url).scheme for url in loaded} <= {"data"}


@pytest.mark.parametrize("page", PAGES)
def test_page__is_below_five_megabytes(folder, page):
    assert (folder / page / "report.html").stat().st_size < LARGEST


@pytest.mark.parametrize("page", PAGES)
def test_map__every_layer_draws_another_picture(load, page):
    browser = load(page)
    choice = Select(deep(browser, "select")[0])
    labels = [option.text for option in choice.options]
    assert labels[0].startswith("Expected density")
    pictures = {labels[0]: drawn(browser)}
    for label in labels[1:]:
        before = list(pictures.values())[-1]
        choice.select_by_visible_text(label)
        wait(browser, lambda _, before=before: drawn(browser) != before)
        wait(browser, lambda _: browser.execute_script("return Bokeh.documents[0].is_idle"))
        pictures[label] = drawn(browser)
    assert len(labels) >= 3
    assert len(set(pictures.values())) == len(labels)
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []


def numbers_of(surface, cell, columns):
    return [f"{surface.summary[column].iloc[cell]:.3f}" for column in columns]


@pytest.mark.parametrize("page", PAGES)
def test_map__pointer_on_a_cell_tells_its_numbers(load, fit, region, page):
    surface = scr.density_surface(fit)
    if page == "public":
        surface = public_surface(surface, [region], sigma=largest_sigma(fit))
    # A cell in the middle of the public part: visible on both pages.
    centre = np.array([711_500.0, 4_712_500.0])
    cell = int(np.flatnonzero((surface.mask.xy == centre).all(axis=1))[0])
    text = hover(load(page), surface.mask.xy[cell])
    assert "Expected density" in text
    for number in numbers_of(surface, cell, ("median", "q2.5", "q97.5")):
        assert number in text


@pytest.mark.parametrize("page", PAGES)
def test_page__fits_a_phone(load, page):
    browser = load(page, width=390, height=844)
    wide, seen = browser.execute_script(
        "return [document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert seen == 390
    assert wide <= seen
    canvas = deep(browser, "canvas")[0]
    assert 250 <= canvas.rect["width"] <= 390


def test_page__public_one_has_no_place_of_a_station(load, fit):
    browser = load("public")
    held = browser.execute_script(
        "const columns = [];"
        "Bokeh.documents[0].all_models.forEach((model) => { if (model.data && model.data.get)"
        " for (const [name, values] of model.data) columns.push([name, Array.from(values).flat()]);"
        "else if (model.data && typeof model.data === 'object')"
        " for (const name in model.data)"
        "  columns.push([name, Array.from(model.data[name]).map((v) => v.length === undefined"
        "  ? [v] : Array.from(v)).flat()]); });"
        "return columns;"
    )
    assert {name for name, _ in held} >= {"x", "y"}
    numbers = np.concatenate([np.array(values, dtype=np.float64) for _, values in held])
    for place in fit.survey.sessions[0].traps.xy.ravel():
        assert np.abs(numbers - place).min() > 1, place


def test_page__public_one_offers_no_layer_that_shows_stations(load):
    choice = Select(deep(load("public"), "select")[0])
    assert [option.text for option in choice.options] == [
        "Expected density, median",
        "Expected density, lower limit",
        "Expected density, upper limit",
    ]


def test_page__says_for_whom_it_is(load):
    for page, word in (("public", "For the public"), ("private", "Private")):
        text = load(page).execute_script("return document.body.innerText")
        assert word in text
        assert "SIMULATED" in text

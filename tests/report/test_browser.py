"""Both pages of a small survey in a real browser that has no network."""

import json
import re
import zlib
from base64 import b64decode
from urllib.parse import urlsplit

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import scr
from scr.io.crs import reproject_points
from scr.maps.public import public_surface
from scr.posterior.detectability import largest_sigma

PAGES = ("public", "private")
LARGEST, WAIT_S = 5_000_000, 20

# Bokeh draws inside shadow roots, which plain queries do not enter.
DEEP = """
const found = [];
const visit = (root, wanted) => root.querySelectorAll("*").forEach((element) => {
    if (element.matches(wanted)) found.push(element);
    if (element.shadowRoot) visit(element.shadowRoot, wanted);
});
visit(document, arguments[0]);
"""

PLOT = "const plot = Bokeh.index.query_one((view) => view.frame);"

# Where a place of the map, in metres, is in the window.
WHERE = f"""
{PLOT}
const [x, y] = arguments;
const box = plot.el.getBoundingClientRect();
return [box.left + plot.frame.x_scale.compute(x), box.top + plot.frame.y_scale.compute(y)];
"""


@pytest.fixture
def load(browser, reports):
    """Open a page of results in a window of a given size, and wait until its map is drawn."""

    def load(page, *, width=1200, height=900):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        browser.execute_cdp_cmd(
            "Emulation.setTouchEmulationEnabled", {"enabled": width < 600, "maxTouchPoints": 2}
        )
        for kind in ("browser", "performance"):
            browser.get_log(kind)
        browser.get((reports / page / "report.html").as_uri())
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
def test_page__asks_for_no_file_but_itself(load, reports, page):
    browser = load(page)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    own = (reports / page / "report.html").as_uri()
    assert own in asked
    others = {url for url in asked if url != own}
    assert {urlsplit(url).scheme for url in others} <= {"data", "blob"}
    loaded = browser.execute_script(
        "return [...document.querySelectorAll('[src], link[href]')]"
        ".map((element) => element.getAttribute('src') || element.getAttribute('href'))"
    )
    assert {urlsplit(url).scheme for url in loaded} <= {"data"}


@pytest.mark.parametrize("page", PAGES)
def test_page__is_below_five_megabytes(reports, page):
    assert (reports / page / "report.html").stat().st_size < LARGEST


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


# What sticks out of the window, what is cut off, and numbers that are broken over two lines.
MISFITS = """
const wrong = [];
const wide = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > wide) wrong.push("the page is wider than the window");
for (const cell of document.querySelectorAll("th, td, strong, li, p")) {
    const {right} = cell.getBoundingClientRect();
    const scroller = cell.closest(".scroll");
    const scrolls = scroller && getComputedStyle(scroller).overflowX === "auto";
    const end = scrolls
        ? scroller.getBoundingClientRect().left - scroller.scrollLeft + scroller.scrollWidth : wide;
    if (cell.clientWidth && cell.scrollWidth > cell.clientWidth)
        wrong.push("cut: " + cell.textContent);
    if (right > end + 1) wrong.push("out of reach: " + cell.textContent);
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("script, style")) continue;
    for (const found of text.data.matchAll(/(?<!\\d)[-+]?\\d[\\d.,]*/g)) {
        const range = document.createRange();
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        const lines = new Set([...range.getClientRects()].map((line) => Math.round(line.top)));
        if (lines.size > 1) wrong.push("broken: " + found[0]);
    }
}
return wrong;
"""


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("page", PAGES)
def test_page__fits_the_window_and_cuts_no_number(load, page, width):
    browser = load(page, width=width, height=844)
    assert browser.execute_script("return window.innerWidth") == width
    assert browser.execute_script(MISFITS) == []
    assert 250 <= deep(browser, "canvas")[0].rect["width"] <= width


def ranges(browser):
    """What the map shows, metres, and how far the page is scrolled."""
    code = PLOT + "const {x_range: x, y_range: y} = plot.model; return "
    *limits, down = browser.execute_script(code + "[x.start, x.end, y.start, y.end, scrollY]")
    return np.array(limits), down


def middle(browser):
    """The middle of the map in the window, once it is in view and the page no longer glides."""
    canvas = deep(browser, "canvas")[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    seen = []
    wait(browser, lambda _: seen.append(ranges(browser)[1]) or seen[-1:] == seen[-2:-1])
    limits, _ = ranges(browser)
    return np.array(browser.execute_script(WHERE, limits[:2].mean(), limits[2:].mean()))


def touch(browser, *steps):
    """Fingers put down, moved through places of the window, and lifted."""
    for kind, places in zip(["touchStart", *["touchMove"] * len(steps)], steps, strict=False):
        points = [{"x": float(x), "y": float(y), "id": i} for i, (x, y) in enumerate(places)]
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_map__one_finger_scrolls_the_page_two_move_the_map_and_a_tap_tells_numbers(load):
    browser = load("public", width=390, height=844)
    at = middle(browser)
    limits, down = ranges(browser)
    touch(browser, *[[at - np.array([0, 15]) * step] for step in range(10)])
    wait(browser, lambda _: ranges(browser)[1] > down + 80)
    np.testing.assert_array_equal(ranges(browser)[0], limits)

    at = middle(browser)
    _, down = ranges(browser)
    fingers = at + np.array([[-40, 0], [40, 0]])
    touch(browser, *[fingers + np.array([3, 4]) * step for step in range(11)])
    wait(browser, lambda _: (ranges(browser)[0] != limits).all())
    moved, still = ranges(browser)
    width, height = np.diff(limits)[[0, 2]]
    metres = np.array([-30.0, -30.0, 40.0, 40.0]) * (moved[1] - moved[0])
    frame = browser.execute_script(PLOT + "return plot.frame.bbox.width")
    np.testing.assert_allclose(moved - limits, metres / frame, atol=0.01 * width)
    np.testing.assert_allclose(np.diff(moved)[[0, 2]], [width, height], rtol=1e-6)
    assert still == down

    touch(browser, *[fingers + np.array([[-4, 0], [4, 0]]) * step for step in range(11)])
    wait(browser, lambda _: np.diff(ranges(browser)[0])[0] < 0.51 * width)
    assert browser.execute_script("return [visualViewport.scale, scrollY]") == [1, down]

    assert not tooltip(browser).strip()
    touch(browser, [at])
    told = wait(browser, lambda _: tooltip(browser).strip() or None)
    assert re.search(r"Expected density, median: *\d+\.\d{3}", " ".join(told.split()))
    box = browser.execute_script(
        "const box = document.querySelector('.bk-Tooltip').getBoundingClientRect();"
        "return [box.left, box.right, box.top, box.bottom]"
    )
    assert 0 <= box[0] < box[1] <= 390
    assert 0 <= box[2] < box[3] <= 844


def test_map__the_wheel_scrolls_the_page_and_zooms_with_ctrl(load):
    browser = load("public")
    x, y = middle(browser)
    limits, down = ranges(browser)
    wheel = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": 120}
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", wheel)
    wait(browser, lambda _: ranges(browser)[1] > down)
    np.testing.assert_array_equal(ranges(browser)[0], limits)
    middle(browser)
    _, down = ranges(browser)
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", wheel | {"deltaY": -120, "modifiers": 2})
    wait(browser, lambda _: np.diff(ranges(browser)[0])[0] < np.diff(limits)[0])
    assert ranges(browser)[1] == down


def test_map__a_station_tells_its_name_effort_zone_and_place_on_the_private_page_alone(load, fit):
    traps = fit.survey.sessions[0].traps
    inside = traps.names.tolist().index("post-14")
    lon, lat = reproject_points(traps.xy[[inside]], traps.crs, "EPSG:4326")[0]
    text = hover(load("private"), traps.xy[inside])
    for word in ("post-14", "Effort, days: 30", "Far Valley", f"{lon:.4f}, {lat:.4f}"):
        assert word in " ".join(text.split())
    assert "Expected density" not in text
    text = hover(load("public"), traps.xy[inside])
    assert "Expected density" in text
    assert "post-" not in text
    assert "Effort" not in text


# Pictures at the head of each figure and at the end of its caption, each of a width of its own.
MARKS = """
[...document.querySelectorAll("figure")].forEach((figure, i) => {
    const mark = (height) => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [1001 + i, height];
        canvas.getContext("2d").fillRect(0, 0, 500, 1);
        canvas.style.cssText = "display: block; width: 50px; height: 2px";
        return canvas;
    };
    figure.prepend(mark(1));
    figure.querySelector("figcaption").append(mark(2));
});
"""


def pictures_of_pages(pdf):
    """Width and height, dots, of the pictures that each page of a PDF draws."""
    places = re.search(rb"(?s)\nxref\n0 \d+\n(.*?)trailer", pdf)[1].splitlines()
    objects = [pdf[int(place[:10]) :] for place in places]
    heads = [text[: re.search(rb"stream|endobj|$", text).start()] for text in objects]
    pages = []
    for page in (head for head in heads if re.search(rb"/Type /Page\b", head)):
        names = dict(re.findall(rb"/(X\d+) (\d+) 0 R", page))
        number = int(re.search(rb"/Contents (\d+) 0 R", page)[1])
        length = int(re.search(rb"/Length (\d+)", heads[number])[1])
        start = re.search(rb"stream\r?\n", objects[number]).end()
        content = zlib.decompress(objects[number][start : start + length])
        used = [heads[int(names[name])] for name in re.findall(rb"/(X\d+) Do", content)]
        sizes = [re.search(rb"/Width (\d+)\s+/Height (\d+)", head) for head in used]
        pages.append({(int(size[1]), int(size[2])) for size in sizes if size})
    return pages


@pytest.mark.parametrize("page", PAGES)
def test_page__prints_each_figure_with_its_caption_on_one_page(load, page):
    browser = load(page)
    browser.execute_script(MARKS)
    n_figures = len(browser.find_elements("css selector", "figure"))
    printed = browser.execute_cdp_cmd(
        "Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True}
    )
    pages = pictures_of_pages(b64decode(printed["data"]))
    assert n_figures >= 3
    for mark in range(1001, 1001 + n_figures):
        assert [sum((mark, end) in drawn for drawn in pages) for end in (1, 2)] == [1, 1]
        assert any({(mark, 1), (mark, 2)} <= drawn for drawn in pages)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 688, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
    )
    wait(browser, lambda _: deep(browser, "canvas")[0].rect["width"] <= 688)
    misfits = browser.execute_script(MISFITS)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert misfits == []


def test_page__button_copies_the_methods_text(load):
    browser = load("public")
    button = browser.find_element("css selector", "#copy")
    button.click()
    wait(browser, lambda _: button.text == "Copied")
    browser.execute_script(
        "const box = document.createElement('textarea');"
        "document.body.prepend(box); box.id = 'box'; box.focus();"
    )
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("v").key_up(Keys.CONTROL).perform()
    pasted = browser.find_element("css selector", "#box").get_property("value")
    assert "We fitted a spatial capture-recapture model" in pasted
    assert "Borchers DL, Efford MG (2008)" in pasted
    assert "Copy" not in pasted


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

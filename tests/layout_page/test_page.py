"""The layout page in a real browser that has no network."""

import base64
import json
import urllib.error
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait

import trap_layouts as tl
from scr.layout_page.desk import open_desk
from trap_layouts.editing import with_moved

WAIT_S = 40

PLOT = "const plot = Bokeh.index.query_one((view) => view.frame);"
WHERE = f"""
{PLOT}
const box = plot.el.getBoundingClientRect();
return [box.left + plot.frame.x_scale.compute(arguments[0]),
        box.top + plot.frame.y_scale.compute(arguments[1])];
"""
INTO_VIEW = f'{PLOT} plot.el.scrollIntoView({{block: "center"}})'
MODEL = "return Bokeh.documents[0].get_model_by_name(arguments[0])"
STATIONS = """
const plot = Bokeh.documents[0].get_model_by_name("map");
const {data} = plot.renderers.map((one) => one.data_source).find((of) => of && of.data.marker);
return [Array.from(data.name), Array.from(data.x), Array.from(data.y)];
"""
PRESS = """
const button = Bokeh.documents[0].get_model_by_name(arguments[0]);
const view = Bokeh.index.find_one(button);
view.shadow_el.querySelector("button").click();
"""


def wait(browser, condition):
    return WebDriverWait(browser, WAIT_S, poll_frequency=0.05).until(condition)


@pytest.fixture(scope="module")
def load(browser, address):
    def load(where=None):
        size = {"width": 1200, "height": 1500, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for kind in ("browser", "performance"):
            browser.get_log(kind)
        browser.get(where or address)
        wait(browser, lambda _: browser.execute_script("return document.body.dataset.ready"))
        wait(browser, lambda _: number(browser, "animals") is not None)
        wait(browser, lambda _: browser.execute_script("return Bokeh.documents[0].is_idle"))
        return browser

    return load


@pytest.fixture(scope="module")
def opened(load):
    """The page, opened once for tests that leave the layout as it was."""
    return load()


def number(browser, key):
    """A number of the table, in full."""
    text = browser.execute_script(MODEL + ".text", "numbers")
    mark = f'data-key="{key}" data-value="'
    if mark not in text:
        return None
    at = text.index(mark) + len(mark)
    return float(text[at : text.index('"', at)])


def message(browser):
    return browser.execute_script(MODEL + ".text", "message")


def stations(browser):
    names, x, y = browser.execute_script(STATIONS)
    return {name: np.array([a, b]) for name, a, b in zip(names, x, y, strict=True)}


def place(browser, xy):
    """Where a place of the map is in the window, once the page has come to rest."""
    seen = []
    wait(browser, lambda _: seen.append(at(browser, xy)) or seen[-1:] * 4 == seen[-4:])
    return np.array(seen[-1])


def at(browser, xy):
    return browser.execute_script(WHERE, float(xy[0]), float(xy[1]))


def drag(browser, name, metres):
    """Take a station with the mouse and put it elsewhere."""
    start = stations(browser)[name]
    a, b = place(browser, start), place(browser, start + metres)
    pointer = ActionChains(browser, duration=20)
    action = pointer.w3c_actions.pointer_action
    action.move_to_location(*map(round, a))
    action.pointer_down()
    for share in (0.3, 0.7, 1.0):
        action.move_to_location(*map(round, a + share * (b - a)))
    action.pointer_up()
    pointer.perform()


def touch(browser, name, metres):
    """Take a station with a finger and put it elsewhere."""
    start = stations(browser)[name]
    browser.execute_script(INTO_VIEW)
    a, b = place(browser, start), place(browser, start + metres)
    for kind, share in (("Start", 0.0), ("Move", 0.2), ("Move", 0.6), ("Move", 1.0), ("End", None)):
        points = [] if share is None else [dict(zip("xy", a + share * (b - a), strict=True))]
        told = {"type": f"touch{kind}", "touchPoints": points}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", told)


def press(browser, name):
    browser.execute_script(PRESS, name)


def set_value(browser, name, value):
    browser.execute_script(
        "Bokeh.documents[0].get_model_by_name(arguments[0]).value = arguments[1]", name, value
    )


def saved(browser, name, *, before):
    """Content of the file that a button gives."""
    press(browser, name)
    text = wait(
        browser,
        lambda _: (now := browser.execute_script(MODEL + ".value", "download")) != before and now,
    )
    told = json.loads(text)
    return told["name"], base64.b64decode(told["content"])


def test_page__is_silent_and_asks_its_own_server_alone(load, address):
    browser = load()
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {
        urlsplit(event["params"]["request"]["url"])
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    own = urlsplit(address)
    assert {(url.scheme, url.netloc) for url in asked if url.scheme not in {"data", "blob"}} == {
        (own.scheme, own.netloc)
    }


def test_page__a_station_dragged_gives_the_numbers_of_compare(opened, plan_folder):
    browser = opened
    before, old = number(browser, "animals"), stations(browser)
    drag(browser, "L006", (700.0, -900.0))
    wait(browser, lambda _: number(browser, "animals") != before)
    now = stations(browser)
    moved = [name for name in old if (now[name] != old[name]).any()]
    assert moved == ["L006"]
    assert np.hypot(*(now["L006"] - old["L006"] - (700, -900))) < 120

    desk = open_desk(plan_folder / "plan.toml", plan_folder / "grid.csv")
    layout = with_moved(desk.start, {"L006": now["L006"]})
    plan = desk.plan
    table = tl.compare(
        [layout], desk.assume({}), reserve=plan.reserve, prices=plan.prices, change=plan.change
    ).table.iloc[0]
    for key in ("animals", "recaptures", "moves", "at_two", "q_p", "mean_p", "cost"):
        assert number(browser, key) == pytest.approx(table[key], rel=1e-6), key
    wait(browser, lambda _: "stale" not in browser.execute_script(MODEL + ".text", "numbers"))
    assert number(browser, "rse") == pytest.approx(table["rse"], rel=1e-6)
    assert number(browser, "power") == pytest.approx(table["power"], rel=1e-6)

    press(browser, "undo")
    wait(browser, lambda _: number(browser, "animals") == before)
    assert (stations(browser)["L006"] == old["L006"]).all()


@pytest.mark.parametrize(
    ("name", "metres", "reason"),
    [
        ("L007", (-3500.0, 0.0), "from station L006: the plan keeps stations 800 m apart"),
        ("L005", (-5000.0, 0.0), "outside Park"),
        ("L006", (1700.0, -2300.0), "the plan excludes that ground"),
        ("L001", (900.0, -900.0), "stands already"),
    ],
)
def test_page__a_forbidden_move_goes_back_with_its_reason(opened, name, metres, reason):
    browser = opened
    before, old = number(browser, "animals"), stations(browser)
    drag(browser, name, metres)
    wait(browser, lambda _: reason in message(browser))
    wait(browser, lambda _: (stations(browser)[name] == old[name]).all())
    assert number(browser, "animals") == before


def test_page__keys_move_and_take_away_what_was_chosen(opened):
    browser = opened
    old = stations(browser)
    keys = ActionChains(browser)
    keys.send_keys("n").perform()
    wait(browser, lambda _: "Station L001" in message(browser))
    keys.send_keys("n").perform()
    wait(browser, lambda _: "Station L002" in message(browser))
    keys.send_keys("\ue014").perform()  # right
    wait(browser, lambda _: (stations(browser)["L002"] == old["L002"] + (100, 0)).all())
    keys.send_keys("\ue017").perform()  # delete
    wait(browser, lambda _: "L002" not in stations(browser))
    press(browser, "undo")
    wait(browser, lambda _: len(stations(browser)) == len(old))
    press(browser, "undo")
    wait(browser, lambda _: (stations(browser)["L002"] == old["L002"]).all())


def test_page__improving_makes_it_better_and_can_be_stopped(opened):
    browser = opened
    before, old = number(browser, "rule_rse"), stations(browser)
    set_value(browser, "criterion", "min_nr")
    press(browser, "improve")
    wait(browser, lambda _: number(browser, "rule_rse") < before)
    assert (stations(browser)["L001"] == old["L001"]).all()
    assert len(stations(browser)) == len(old)
    press(browser, "undo")
    wait(browser, lambda _: number(browser, "rule_rse") == before)

    set_value(browser, "criterion", "rse")
    press(browser, "improve")
    wait(browser, lambda _: "judging" in browser.execute_script(MODEL + ".text", "progress"))
    press(browser, "stop")
    wait(browser, lambda _: "Stopped" in message(browser))
    assert browser.execute_script(MODEL + ".disabled", "stop")
    press(browser, "undo")


@pytest.mark.parametrize("ending", ["csv", "gpx", "gpkg"])
def test_page__what_it_saves_reads_back(opened, ending, tmp_path):
    browser = opened
    before = browser.execute_script(MODEL + ".value", "download")
    name, content = saved(browser, ending, before=before)
    (tmp_path / name).write_bytes(content)
    back = tl.read_layout(tmp_path / name, to_crs="EPSG:32652")
    shown = stations(browser)
    assert back.traps.names.tolist() == list(shown)
    np.testing.assert_allclose(back.xy, np.array(list(shown.values())), atol=0.06)


def test_page__on_a_phone_it_fits_the_width_and_a_finger_drags_a_station(load):
    browser = load()
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        browser.refresh()
        wait(browser, lambda _: browser.execute_script("return document.body.dataset.ready"))
        wait(browser, lambda _: browser.execute_script("return Bokeh.documents[0].is_idle"))
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
        before, old = number(browser, "animals"), stations(browser)["L011"]
        touch(browser, "L011", (-1500.0, 1200.0))
        wait(browser, lambda _: number(browser, "animals") != before)
        assert np.hypot(*(stations(browser)["L011"] - old - (-1500, 1200))) < 300
        press(browser, "undo")
        wait(browser, lambda _: number(browser, "animals") == before)
    finally:
        browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_page__patterns_sliders_and_kept_layouts_are_compared_and_summed_up(load):
    browser = load()
    start, animals = len(stations(browser)), number(browser, "animals")
    set_value(browser, "keep_name", "before")
    press(browser, "keep")
    wait(browser, lambda _: "Kept as before" in message(browser))
    set_value(browser, "spacing", 3000)
    press(browser, "lay")
    wait(browser, lambda _: len(stations(browser)) > start)
    laid = number(browser, "animals")
    browser.execute_script(
        "Bokeh.documents[0].get_model_by_name('slider_n_occasions').value_throttled = 15"
    )
    wait(browser, lambda _: number(browser, "animals") < laid)
    name, content = saved(
        browser, "plan", before=browser.execute_script(MODEL + ".value", "download")
    )
    assert name == "plan_page.toml"
    assert b"n_occasions = 15" in content
    before = browser.execute_script(MODEL + ".value", "download")
    name, content = saved(browser, "summary", before=before)
    page = content.decode("utf-8")
    assert name == "plan_summary.html"
    assert "ranks first by RSE" in page
    assert "data:image/png;base64," in page
    assert "http" not in page.replace("data:image/png;base64,", "")[:2000]
    assert browser.execute_script(MODEL + ".text", "compared").count("<tr>") == 4
    press(browser, "go_back")
    wait(browser, lambda _: len(stations(browser)) == start)
    press(browser, "plan_values")
    wait(browser, lambda _: number(browser, "animals") == pytest.approx(animals, rel=1e-9))
    press(browser, "forget")
    wait(browser, lambda _: "no longer kept" in message(browser))
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []


def test_page__two_tabs_leave_each_other_alone_and_a_reload_restores(load, browser):
    load()
    first, before = browser.current_window_handle, number(browser, "animals")
    drag(browser, "L010", (800.0, 800.0))
    wait(browser, lambda _: number(browser, "animals") != before)
    moved, after = stations(browser), number(browser, "animals")
    browser.switch_to.new_window("tab")
    try:
        load()
        drag(browser, "L011", (-800.0, 800.0))
        wait(browser, lambda _: number(browser, "animals") != after)
        other = stations(browser)
        load(browser.current_url)
        assert all((stations(browser)[name] == other[name]).all() for name in other)
        browser.close()
    finally:
        browser.switch_to.window(first)
    assert all((stations(browser)[name] == moved[name]).all() for name in moved)
    load(browser.current_url)
    assert all((stations(browser)[name] == moved[name]).all() for name in moved)


def test_server__tells_nothing_without_the_secret(address):
    host = f"http://{urlsplit(address).netloc}"
    for path in ("/", "/favicon.ico", "/static/js/bokeh.min.js", "/ws", "/wrong/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(host + path)
        with refused.value as answer:
            assert answer.code == 404


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://localhost:1", "null"])
def test_server__refuses_a_socket_from_another_page(address, origin):
    parts = urlsplit(address)
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Origin": origin,
    }
    with closing(HTTPConnection(parts.hostname, parts.port)) as connection:
        connection.request("GET", f"{parts.path}ws", headers=headers)
        with connection.getresponse() as answer:
            assert answer.status == 403

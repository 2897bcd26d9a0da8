"""Take the pictures of the layout page. ``python docs/make_layout_page.py``; needs Chromium.

The page of the simulated demo, with its relief, roads, rivers and towns, at the width of a screen
and of a phone.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from scr.demo import copy_demo

FIGURES = Path(__file__).parent / "images" / "gallery"
WIDTHS = (1200, 390)
MORE = """
[stations]
least = 1_500

[maps]
relief = "../relief.tif"
roads = "../roads.geojson"
rivers = "../rivers.geojson"
towns = "../towns.geojson"

[study]
change = -0.3
"""
READY = "return !Bokeh.documents[0].get_model_by_name('numbers').text.includes('class=stale')"


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        layouts = copy_demo(Path(made)).parent / "layouts"
        with (layouts / "plan.toml").open("a", encoding="utf-8") as plan:
            plan.write(MORE)
        command = [sys.executable, "-m", "scr.cli.main", "layouts", "page", "plan.toml"]
        with subprocess.Popen(
            [*command, "grid.csv", "--no-open"], cwd=layouts, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            for width in WIDTHS:
                take(address, width)
            server.terminate()


def take(address: str, width: int) -> None:
    """The page at one width, all of it, once its slow numbers are there."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        resize(browser, width, 900)
        browser.get(address)
        until(browser, "return document.body.dataset.ready")
        until(browser, READY)
        resize(browser, width, browser.execute_script("return document.body.scrollHeight"))
        time.sleep(2)
        picture = Image.open(BytesIO(browser.get_screenshot_as_png())).convert("RGB")
        picture.quantize(200).save(FIGURES / f"layout_page_{width}.png", optimize=True)
    finally:
        browser.quit()


def resize(browser: Any, width: int, height: int) -> None:
    """Give the window a size."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def until(browser: Any, code: str) -> None:
    """Wait until a script says yes."""
    for _ in range(600):
        if browser.execute_script(code):
            return
        time.sleep(0.2)


if __name__ == "__main__":
    main()

"""The first chart on screen in Chromium, against the drawing library alone and a chart of 73 parts in an empty page.

Give the address of a running example company, and a page with a chart if not the map:

    python -m benchmarks.chart http://127.0.0.1:8000 /o/demo/company/map/
"""

from __future__ import annotations

import re
import shutil
import sys
from statistics import median

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROUNDS = 7
ACCOUNT = {"login": "admin@demo.example", "password": "try-okr-planner"}
MAP = "/o/demo/company/map/"

# When the first frame with a chart in it was painted, in ms since the page began to load.
WATCH = """
new MutationObserver((_, watch) => {
  if (!document.querySelector(".chart .main-svg path, .chart .main-svg rect.bg ~ g path")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.drawn = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
# The processor time of the page's main thread for the library and 73 parts, and nothing else.
FLOOR = """
async (library) => {
  const began = performance.now();
  await new Promise((done) => {
    const script = document.createElement("script");
    script.src = library;
    script.onload = done;
    document.head.append(script);
  });
  const ran = performance.now();
  const place = document.body.appendChild(document.createElement("div"));
  place.style.cssText = "width:1100px;height:500px";
  const ids = ["all"], parents = [""];
  for (let a = 0; a < 8; a += 1) {
    ids.push(`${a}`); parents.push("all");
    for (let b = 0; b < 8; b += 1) { ids.push(`${a}.${b}`); parents.push(`${a}`); }
  }
  await Plotly.newPlot(place, [{ type: "icicle", ids, labels: ids, parents }], {}, { displayModeBar: false });
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [ran - began, performance.now() - began];
}
"""


def new_context(browser: Browser, address: str, **options: object) -> BrowserContext:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800}, **options)
    context.add_init_script(WATCH)
    return context


def drawn(page: Page, address: str) -> float:
    page.goto(address)
    page.wait_for_function("window.drawn")
    return page.evaluate("window.drawn")


def floor(page: Page, address: str, library: str) -> float:
    """In an empty page of the same server, whose policy allows its own scripts alone."""
    page.goto(address + "/health/live")
    return page.evaluate(FLOOR, library)[1]


def main(address: str = "http://127.0.0.1:8000", chart: str = MAP) -> None:
    with sync_playwright() as playwright:
        shell = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=shell, args=["--no-sandbox", "--disable-gpu"])
        first = new_context(browser, address)
        page = first.new_page()
        page.goto(address + "/accounts/login/")
        for name, value in ACCOUNT.items():
            page.fill(f"[name={name}]", value)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url("**/o/**")
        page.goto(address + chart)
        library = re.search(r'<script src="([^"]+plotly[^"]+)" defer', page.content())[1]
        state = first.storage_state()
        print(f"{library}\n\n| first chart | on screen | floor | ratio | allowed |\n|---|---:|---:|---:|---:|")
        pairs: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
        for _round in range(ROUNDS):
            with new_context(browser, address, storage_state=state) as fresh:
                own = fresh.new_page()
                cold = drawn(own, address + chart)
                warm = drawn(own, address + chart)
            with new_context(browser, address, storage_state=state) as fresh:
                bare = fresh.new_page()
                pairs["cold"].append((cold, floor(bare, address, library)))
                pairs["warm"].append((warm, floor(bare, address, library)))
        for name, found in pairs.items():
            own_ms, floor_ms = (median(side) for side in zip(*found, strict=True))
            print(f"| {name} | {own_ms:,.0f} ms | {floor_ms:,.0f} ms | {own_ms / floor_ms:,.2f} | 2 |")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

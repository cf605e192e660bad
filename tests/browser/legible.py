"""What axe finds on a page, asked without carrying along what it does not find."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
# Nothing here depends on style sheets from elsewhere, which it would fetch once more.
RUN = "axe.run({resultTypes: ['violations'], preload: false}).then((results) => results.violations)"


def faults(page: Page) -> list[str]:
    """The serious ones, each with its place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in page.evaluate(RUN)
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]

"""What axe finds on a page, asked without carrying along what it does not find."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
RUN = """(contrast) => axe.run({resultTypes: ['violations'], rules: {'color-contrast': {enabled: contrast}}})
    .then((results) => results.violations)"""


def faults(page: Page, *, contrast: bool = True) -> list[str]:
    """The serious ones, each with its place; of colours, which take most of the time, only where that is asked."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in page.evaluate(RUN, contrast)
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]

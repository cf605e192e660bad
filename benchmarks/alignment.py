"""The tree of alignment as JSON, the map's pages, a chart of 10,000 nodes, and the map in Chromium.

Without names, every organization that `load_demo --scale` made. Give the address of a running server of the same
database to measure the browser too:

    python -m benchmarks.alignment demo-2500 http://127.0.0.1:8000
"""

import shutil
import sys
from statistics import median

from benchmarks.measuring import compare, head, processor, set_up

set_up()

import orjson  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from dashboards.figures.company_map import Cell, company_map  # noqa: E402
from dashboards.queries.forest import forest_of  # noqa: E402
from objectives.models import Cycle  # noqa: E402
from objectives.queries.trees import tree_as_json  # noqa: E402
from people.models import Membership, Organization, Role  # noqa: E402

ROUNDS = 7
EXAMPLE = {"login": "admin@demo.example", "password": "try-okr-planner"}

# What somebody would write by hand to have the same rows, without a word of JSON.
BY_HAND = (
    """
    SELECT o.id, o.title, o.level, o.kind, o.state, o.team_id, o.owner_id, s.score, s.pace, s.landing, s.health
    FROM objectives_objective o
    JOIN people_team t ON t.id = o.team_id
    LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    WHERE o.cycle_id = %s AND o.dropped_at IS NULL ORDER BY t.position, o.team_id, o.position, o.id
    """,
    """
    SELECT a.child_id, a.parent_objective_id, a.parent_key_result_id, a.link, a.weight
    FROM objectives_alignment a JOIN objectives_objective o ON o.id = a.child_id
    WHERE o.cycle_id = %s AND o.dropped_at IS NULL ORDER BY a.child_id, a.id
    """,
    """
    SELECT kr.objective_id, kr.id, kr.title, kr.kind, kr.owner_id, s.share, s.progress, s.score, s.pace, s.health
    FROM objectives_keyresult kr
    JOIN objectives_objective o ON o.id = kr.objective_id
    LEFT JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND kr.dropped_at IS NULL
    ORDER BY kr.objective_id, kr.position, kr.id
    """,
)
# The rows of three levels from the top, by hand.
THREE_BY_HAND = """
    WITH RECURSIVE place(id, depth) AS (
        SELECT o.id, 1 FROM objectives_objective o
        WHERE o.cycle_id = %s AND o.dropped_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM objectives_alignment a WHERE a.child_id = o.id)
        UNION ALL
        SELECT a.child_id, depth + 1 FROM place JOIN objectives_alignment a ON a.parent_objective_id = place.id
        WHERE depth < 3
    )
    SELECT o.id, o.title, o.level, o.kind, o.state, o.team_id, o.owner_id, s.score, s.pace, s.landing, s.health,
           kr.id, kr.title, kr.kind, kr.owner_id, ks.share, ks.progress, ks.score, ks.pace, ks.health
    FROM place JOIN objectives_objective o ON o.id = place.id
    LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    LEFT JOIN objectives_keyresult kr ON kr.objective_id = o.id AND kr.dropped_at IS NULL
    LEFT JOIN objectives_keyresultscore ks ON ks.key_result_id = kr.id
"""


def run_by_hand(cycle: Cycle, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, [cycle.pk])
            cursor.fetchall()


def measure(organization: Organization) -> None:
    membership = Membership.objects.active().filter(organization=organization, role=Role.ADMIN).first()
    cycle = organization.cycles.latest("start")
    client = Client(headers={"host": "localhost"})
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    api = f"/api/v1/o/{organization.slug}/alignment/"
    page = f"/o/{organization.slug}/company/map/"
    print(f"\n{organization.slug}, cycle {cycle.name}\n")
    head()
    compare("the tree as JSON, through the API", lambda: client.get(api), lambda: run_by_hand(cycle, *BY_HAND))
    compare("its statement alone", lambda: tree_as_json(membership, cycle), lambda: run_by_hand(cycle, *BY_HAND))
    three = f"{api}?levels=3"
    compare("three levels, through the API", lambda: client.get(three), lambda: run_by_hand(cycle, THREE_BY_HAND))
    compare(
        "the map, its part",
        lambda: client.get(page, headers={"HX-Request": "true"}),
        lambda: client.get("/health/live"),
    )
    compare("the forest it is cut from", lambda: forest_of(membership, cycle), lambda: run_by_hand(cycle, *BY_HAND[:2]))
    # What any answer of the API takes here and now: 12 ms were promised for a machine with nothing else to do.
    plain = sum(processor(lambda: client.get(f"/api/v1/o/{organization.slug}/cycles/")))
    for name, address in (("the whole tree", api), ("three levels", three), ("one level", f"{api}?levels=1")):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        asked = len(queries)  # before the next request empties the log
        of_tree = [query for query in queries.captured_queries if "objectives_objectivescore" in query["sql"]]
        nodes = len(orjson.loads(answer.content)["nodes"])
        own, theirs = processor(lambda a=address: client.get(a), 5 if address == api else 15)
        print(
            f"- {name}: {nodes:,} objectives, {len(answer.content) / 1e6:,.2f} MB, {len(of_tree)} statement of "
            f"{asked}; processor {own:,.1f} ms of the web process and {theirs:,.1f} ms of the database, "
            f"{(own + theirs) / plain:,.1f} times a plain answer's {plain:,.1f} ms"
        )


def chart() -> None:
    """A figure of 10,000 nodes as a plain dictionary, and as the bytes that are sent."""
    cells = [
        Cell(
            f"{branch}/{leaf}" if leaf else f"{branch}",
            f"{branch}" if leaf else "",
            f"目標 {branch}.{leaf}",
            1.0,
            "role:in-wash",
            "● 0.64",
        )
        for branch in range(100)
        for leaf in range(100)
    ]
    figure = company_map(cells, root="会社")
    print(
        f"\n{len(cells):,} nodes: {processor(lambda: company_map(cells, root='会社'))[0]:,.1f} ms to put together, "
        f"{processor(lambda: orjson.dumps(figure))[0]:,.1f} ms as {len(orjson.dumps(figure)) / 1e6:,.2f} MB of JSON"
    )


# From the click to the frame after the chart is drawn, in ms of the page's own clock.
DRILL = """
(place) => new Promise((done) => {
  const began = performance.now();
  let answered = 0;
  document.addEventListener("htmx:afterSwap", () => { answered = performance.now(); }, { once: true });
  new MutationObserver((_, watch) => {
    const chart = document.querySelector("#map .chart");
    if (!answered || !chart?.querySelector(".slice path")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done([answered - began, performance.now() - began])));
  }).observe(document, { childList: true, subtree: true });
  window.htmx.ajax("GET", place, { target: "#map", swap: "outerHTML" });
})
"""


def browser(address: str, slug: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        shell = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        chromium = playwright.chromium.launch(executable_path=shell, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(base_url=address, viewport={"width": 1280, "height": 800}, locale="ja-JP")
        page.goto("/accounts/login/")
        for name, value in EXAMPLE.items():
            page.fill(f"[name={name}]", value)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url("**/o/**")
        for shape in ("icicle", "treemap"):
            start = f"/o/{slug}/company/map/?shape={shape}"
            page.goto(start)
            page.locator("#map .slice").first.wait_for()
            custom = page.evaluate("JSON.parse(document.getElementById('alignment').textContent).data[0].customdata")
            branch = next(opens for number, (_leads, opens) in enumerate(custom) if number and opens)
            for name, place in (("three levels", start), ("a branch opened", branch)):
                found = [page.evaluate(DRILL, place) for _round in range(ROUNDS)]
                cells = page.locator("#map .slice").count()
                server, painted = (median(side) for side in zip(*found, strict=True))
                print(f"| {slug}, {shape}: {name}, {cells} cells | {painted:,.0f} ms | {server:,.0f} ms |")
        chromium.close()


def main(*arguments: str) -> None:
    address = next((argument for argument in arguments if "://" in argument), "")
    slugs = [argument for argument in arguments if "://" not in argument]
    sizes = Organization.objects.filter(slug__startswith="demo-").order_by("pk")
    if slugs:
        sizes = sizes.filter(slug__in=slugs)
    for organization in sizes:
        measure(organization)
    chart()
    if address:
        print("\n| in Chromium | click to painted | of it until answered |\n|---|---:|---:|")
        for organization in sizes:
            browser(address, organization.slug)


if __name__ == "__main__":
    main(*sys.argv[1:])

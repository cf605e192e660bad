"""All benchmarks of the table of allowed times, one after the other, and the table with what was measured.

    python -m benchmarks demo-2000 demo-20000 [http://127.0.0.1:8000]

For the organizations named; the last of them is the one that is checked in to and recomputed. With the address of a
running server of the same database the browser and eight writers at once are measured too. Each benchmark runs by
itself and prints what it always prints; the table at the end is read from that.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import NamedTuple


class Line(NamedTuple):
    """A line of the table: what may be taken at most, and where in a benchmark's output it stands (its group 1)."""

    path: str
    allowed: str
    module: str
    found: str


TABLE = (
    Line("objectives list, 50 rows: × floor", "2.5", "pages", r"\| objectives list.*? ms \| ([\d.,]+) \| "),
    Line("– its queries", "6", "pages", r"\| objectives list, 50 rows \| (\d+)"),
    Line("objective page: × floor", "2.6", "pages", r"\| objective \|.*? ms \| ([\d.,]+) \| "),
    Line("– its queries", "8", "pages", r"\| objective \| (\d+)"),
    Line("heaviest page, compressed", "60 kB", "pages", r"compressed \|\n\|---\|---:\|\n\| \S+ \| ([\d.,]+ kB)"),
    Line("company dashboard: × floor", "2.5", "company", r"\| demo-\S+ .*? ms \| ([\d.,]+) \| "),
    Line("– its queries", "constant", "company", r"\| demo-\S+ \| (\d+)"),
    Line("departments, each view: × floor", "2.5", "departments", r"\| \?view.*? ms \| ([\d.,]+) \| "),
    Line("alignment tree as JSON: × its SQL", "2.5", "alignment", r"\| the tree as JSON.*\| ([\d.,]+) \|"),
    Line("– statements", "1", "alignment", r"- the whole tree: .*?(\d+) statement"),
    Line("– three levels, both processors", "12 ms", "alignment", r"- three levels: .*?processor (.*?), "),
    Line("chart JSON of 10,000 nodes", "5 ms", "alignment", r"nodes: .*?put together, ([\d.,]+ ms)"),
    Line("check-in: × (its SQL + trivial page)", "2.5", "check_in", r"\| a check-in.*\| ([\d.,]+) \|"),
    Line("– a second, with 8 writers", "at least 250", "check_in", r"writers: ([\d.,]+) check-ins"),
    Line("every score recomputed: × SQL", "1.5", "roll_up", r"\| every score.*\| ([\d.,]+) \|"),
    Line("first chart, cold: × floor", "2", "chart", r"\| cold .*? ms \| ([\d.,]+) \| 2"),
    Line("first chart, warm: × floor", "2", "chart", r"\| warm .*? ms \| ([\d.,]+) \| 2"),
)


def run(module: str, *arguments: str) -> str:
    """What a benchmark prints, which is shown as it comes; what it could not measure is missing from it."""
    print(f"\n## benchmarks.{module} {' '.join(arguments)}\n", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    said = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said += line
    return said


def main(*arguments: str) -> None:
    servers = [argument for argument in arguments if "://" in argument][:1]
    slugs = [argument for argument in arguments if "://" not in argument]
    if not slugs:
        sys.exit("Name at least one organization that `load_demo --scale` made: python -m benchmarks demo-2000")
    said = {module: run(module, *slugs) for module in ("pages", "company", "departments")}
    said["alignment"] = run("alignment", *slugs, *servers)
    said["check_in"] = run("check_in", slugs[-1], *servers)
    said["roll_up"] = run("roll_up", slugs[-1])
    said["chart"] = run("chart", *servers) if servers else ""
    print(f"\n## {', '.join(slugs)}\n\n| path | measured | at most |\n|---|---:|---:|")
    for line in TABLE:
        measured = " · ".join(re.findall(line.found, said[line.module]))
        print(f"| {line.path} | {measured or 'not measured'} | {line.allowed} |")


if __name__ == "__main__":
    main(*sys.argv[1:])

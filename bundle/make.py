"""`make bundle`: the drawing library with only the traces that our figures use, a quarter of the whole one.

Node and npm come from a Python package, what they build from npm, all three locked. What is written is not kept in the
repository; where it is missing, or not made of the present sources, the whole library of the plotly package serves.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from okrplanner.bundle import SOURCES, place  # noqa: E402

NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-timeout=30000")


def make() -> Path:
    """Build what the sources say, unless it is there already."""
    target = place(HERE)
    if target.exists():
        return target
    programs = Path(sysconfig.get_path("scripts"))
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            shutil.copy(HERE / name, folder)
        subprocess.run([programs / "npm", *NPM_CI], cwd=folder, check=True)
        subprocess.run([programs / "node", "build.mjs", "made.js"], cwd=folder, check=True)
        shutil.rmtree(HERE / "made", ignore_errors=True)
        target.parent.mkdir(parents=True)
        # Whole or not at all: a start meanwhile takes what it finds.
        half = target.with_suffix(".half")
        shutil.copy(Path(folder) / "made.js", half)
        half.rename(target)
    return target


if __name__ == "__main__":
    try:
        made = make()
    except (OSError, subprocess.CalledProcessError) as reason:
        sys.exit(f"The drawing library was not bundled, and the whole one serves, four times as large: {reason}")
    print(f"{made.relative_to(HERE.parent)}: {made.stat().st_size / 1000:,.0f} kB")

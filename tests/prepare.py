"""What the tests need besides Python's packages: Redis, Chromium, Pango, Japanese fonts. Part of `make test`.

On Debian as root what is missing is installed; elsewhere Playwright brings its own browser, and what only a person can
install is said in one sentence.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]


def has_browser() -> bool:
    if shutil.which("chromium-headless-shell") or shutil.which("chromium"):
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def has_japanese() -> bool:
    if sys.platform == "darwin" or not shutil.which("fc-list"):
        return sys.platform == "darwin"
    fonts = subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False)
    return bool(fonts.stdout.strip())


def has_pango() -> bool:
    """Whether PDFs can be made: the library asks the linker for it, and says no by OSError."""
    asked = subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True, check=False)
    return asked.returncode == 0


def main() -> None:
    missing = []
    if not shutil.which("redis-server"):
        missing.append("redis-server")
    if not has_browser():
        missing.append("chromium-headless-shell")
    if not has_japanese():
        missing.append("fonts-noto-cjk")
    if not has_pango():
        missing += PANGO
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {', '.join(missing)}.", flush=True)
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        fontconfig = ["fontconfig"] if "fonts-noto-cjk" in missing else []
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing, *fontconfig]):
            done = subprocess.run(["apt-get", "-qq", *command], env=environ, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit(f"apt-get could not install {' '.join(missing)}; the reason stands above.")
        return
    if "chromium-headless-shell" in missing:
        print("Installing Playwright's own browser.", flush=True)
        done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        if done.returncode == 0:
            missing.remove("chromium-headless-shell")
    if sys.platform == "darwin" and missing:
        sys.exit("The tests need redis-server and pango: brew install redis pango.")
    if missing:
        sys.exit(f"The tests need {', '.join(missing)}: ask an administrator for apt-get install {' '.join(missing)}.")


if __name__ == "__main__":
    main()

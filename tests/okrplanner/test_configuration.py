"""Every variable that is read stands in the table of the documentation, in both languages, and nothing else does."""

import re
import tomllib

import pytest

from okrplanner.embedded.places import CHECKOUT
from okrplanner.version import VERSION

READ = re.compile(r"""env\.\w+\(\s*["']([A-Z][A-Z0-9_]+)["']|environ(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']""")
SUBSTITUTED = re.compile(r"\$\{([A-Z][A-Z0-9_]+)")
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
# The system's own, and what one of our processes tells another.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "HOME", "PATH", "SUDO_UID", "TMPDIR", "WEB_READY_FILE"}
READ_BY_LIBRARIES = {"SENTRY_ENVIRONMENT", "OTEL_SERVICE_NAME"}
PAGES = ["docs/configuration.md", "docs/ja/configuration.md"]


def read_variables() -> set[str]:
    files = [CHECKOUT / "manage.py"]
    for app in ("okrplanner", "people", "funnel", "objectives", "dashboards"):
        files += (CHECKOUT / app).rglob("*.py")
    found = {name for path in files for pair in READ.findall(path.read_text()) for name in pair if name}
    found |= set(SUBSTITUTED.findall((CHECKOUT / "docker-compose.yml").read_text()))
    return found - NOT_OURS | READ_BY_LIBRARIES


def rows_of(page):
    return ROW.findall((CHECKOUT / page).read_text())


@pytest.mark.parametrize("page", PAGES)
def test_the_table_names_what_is_read_and_nothing_else(page):
    names = [name for name, _meaning, _default in rows_of(page)]
    assert len(names) == len(set(names))
    assert set(names) == read_variables()


def test_both_languages_have_the_same_order():
    english, japanese = ([name for name, *_rest in rows_of(page)] for page in PAGES)
    assert english == japanese


def test_compose_hands_every_setting_of_the_application_on():
    """What is in the table but not in Compose is set by the image, by Compose itself, or is for one machine alone."""
    settings = (CHECKOUT / "okrplanner" / "settings.py").read_text()
    given = set(re.findall(r"^    ([A-Z_]+):", (CHECKOUT / "docker-compose.yml").read_text(), re.MULTILINE))
    asked = {name for pair in READ.findall(settings) for name in pair if name}
    of_the_image = {"EMBEDDED", "VAR_DIR", "STATIC_ROOT"}
    assert asked - given == of_the_image | {"CLOCK_FILE", "PORT"}


@pytest.mark.parametrize("page", ["installation.md", "operations.md", "configuration.md"])
def test_a_page_in_one_language_has_its_counterpart_with_the_same_commands(page):
    def commands(path):
        text = (CHECKOUT / path).read_text()
        return [
            line.split("#")[0].strip()
            for block in re.findall(r"```\n(.+?)```", text, re.DOTALL)
            for line in block.splitlines()
        ]

    assert commands(f"docs/{page}") == commands(f"docs/ja/{page}")


def test_the_release_is_named_alike_everywhere():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION

"""A cycle report as a PDF: A4, with contents, bookmarks, page numbers and tags for those who read by ear.

Made by the worker alone: a page in the making takes seconds that nobody who waits for a page should pay for.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from dashboards.queries.report import Report
from dashboards.reports.inks import inked
from dashboards.reports.press import LONGEST, NO_PANGO
from dashboards.reports.telling import period_words, told
from people.models import ExportFailure

logger = logging.getLogger(__name__)

PRESS = Path(__file__).with_name("press.py")
MOST_TOLD = 2_000
EMOJI = re.compile("[\U0001f000-\U0001faff\ufe0f\u200d]")


class CannotPrint(Exception):
    """Raised where this server cannot make PDFs; `reason` says what is missing."""

    def __init__(self, reason: ExportFailure):
        super().__init__(str(reason))
        self.reason = reason


def report_html(report: Report) -> str:
    """The report as a document of its own, in the language of the moment, its drawings in print colours."""
    shown = told(report) | {
        "is_paper": True,
        "site": settings.SITE_URL,
        "period": period_words(report),
        "language": get_language() or "ja",
    }
    return inked(render_to_string("dashboards/cycle_report_pdf.html", shown))


def write_pdf(html: str) -> bytes:
    """A document of ours as PDF, printed by a process of its own. Nothing is fetched for it.

    Raises `CannotPrint` where Pango or a Japanese font is missing, `subprocess.SubprocessError` where it took too long
    or failed.
    """
    if not has_japanese_font():
        raise CannotPrint(ExportFailure.NO_FONT)
    if not has_font("charset=1f389"):  # a picture left out is better than an empty box
        html = EMOJI.sub("", html)
    # Alone: of the surroundings it sees the packages and nothing else.
    done = subprocess.run(
        [sys.executable, "-I", str(PRESS)], input=html.encode(), capture_output=True, check=False, timeout=LONGEST
    )
    if done.returncode == NO_PANGO:
        raise CannotPrint(ExportFailure.NO_PRINTER)
    if done.returncode:
        logger.error("The press failed: %s", done.stderr[-MOST_TOLD:].decode(errors="replace"))
    done.check_returncode()
    return done.stdout


def has_japanese_font() -> bool:
    return has_font("lang=ja")


def has_font(pattern: str) -> bool:
    """Whether fontconfig knows a font that fits. Where it cannot be asked, there will be one."""
    program = shutil.which("fc-list")
    if program is None:
        return True
    found = subprocess.run([program, f":{pattern}", "family"], capture_output=True, check=False, timeout=30)
    return found.returncode != 0 or bool(found.stdout.strip())

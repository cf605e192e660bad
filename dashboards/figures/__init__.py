"""What Plotly draws, as plain dictionaries: no Django, no database, no colours.

Colours are roles ("role:below") that the browser reads from the style sheet, so a figure follows light and dark. Every
word a person wrote passes `plain`, since Plotly reads a little HTML; it makes letters bold by a style attribute, which
the content security policy forbids, so weight is always a font's. A figure may carry `narrow` and `wide`: what
differs on a phone and on a wide screen. Source of zones and band: the product's domain notes 2.3.
"""

from dashboards.figures.company_map import Cell, company_map
from dashboards.figures.distribution import BIN, BINS, Brick, Pile, bin_of, distribution
from dashboards.figures.heat import step
from dashboards.figures.multiples import Panel, between, course, shares
from dashboards.figures.paper import GLYPHS, ZONES, Band, Figure, ink, plain, wash

__all__ = [
    "BIN",
    "BINS",
    "GLYPHS",
    "ZONES",
    "Band",
    "Brick",
    "Cell",
    "Figure",
    "Panel",
    "Pile",
    "between",
    "bin_of",
    "company_map",
    "course",
    "distribution",
    "ink",
    "plain",
    "shares",
    "step",
    "wash",
]

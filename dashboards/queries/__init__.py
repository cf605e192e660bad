"""The numbers behind the company dashboard.

All of them are stored scores, read set-based: however many objectives there are, the number of queries is the same.
Every query begins with what the membership may see, so a partner's dashboard holds their branch and nothing else.
Meanings are those of the product's domain notes 2.3.
"""

from dashboards.queries.aims import KGIStanding, kgis
from dashboards.queries.branches import Branch, Place, Unit, branch
from dashboards.queries.cycles import MOST_CYCLES, CycleTold, Discipline, Spread, Told, comparable, compared
from dashboards.queries.departments import Department, courses, weeks_begun
from dashboards.queries.heat import Cell, Reporting, reporting
from dashboards.queries.moves import Movement, Mover, Obstacles, last_look, movement, obstacles
from dashboards.queries.overview import Overview, overview
from dashboards.queries.patterns import Pattern
from dashboards.queries.spread import Board, Distribution, Shift, board
from dashboards.queries.turns import Turn, side_by_side, tree_of, turned
from dashboards.queries.voices import Silence, SilentTeam, Voices, voices

__all__ = [
    "MOST_CYCLES",
    "Board",
    "Branch",
    "Cell",
    "CycleTold",
    "Department",
    "Discipline",
    "Distribution",
    "KGIStanding",
    "Movement",
    "Mover",
    "Obstacles",
    "Overview",
    "Pattern",
    "Place",
    "Reporting",
    "Shift",
    "Silence",
    "SilentTeam",
    "Spread",
    "Told",
    "Turn",
    "Unit",
    "Voices",
    "board",
    "branch",
    "comparable",
    "compared",
    "courses",
    "kgis",
    "last_look",
    "movement",
    "obstacles",
    "overview",
    "reporting",
    "side_by_side",
    "tree_of",
    "turned",
    "voices",
    "weeks_begun",
]

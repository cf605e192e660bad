"""The numbers behind the company dashboard.

All of them are stored scores, read set-based: however many objectives there are, the number of queries is the same.
Every query begins with what the membership may see, so a partner's dashboard holds their branch and nothing else.
Meanings are those of the product's domain notes 2.3.
"""

from dashboards.queries.aims import KGIStanding, kgis
from dashboards.queries.chain import Goal, Map, alignment, in_reach
from dashboards.queries.departments import Department, SilentTeam, lowest, teams
from dashboards.queries.moves import Movement, Obstacles, last_look, movement, obstacles
from dashboards.queries.spread import Distribution, Shift, counts_on, distribution, shift

__all__ = [
    "Department",
    "Distribution",
    "Goal",
    "KGIStanding",
    "Map",
    "Movement",
    "Obstacles",
    "Shift",
    "SilentTeam",
    "alignment",
    "counts_on",
    "distribution",
    "in_reach",
    "kgis",
    "last_look",
    "lowest",
    "movement",
    "obstacles",
    "shift",
    "teams",
]

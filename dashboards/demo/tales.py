"""The organizations of the example: the roaster, and the inn that the roaster's consultant works for as well."""

from dashboards.demo.check_ins import CHECK_INS
from dashboards.demo.goals import GOALS, MOVED
from dashboards.demo.inn import INN
from dashboards.demo.people import NAME, PEOPLE, TEAMS
from dashboards.demo.plan import AIMS
from dashboards.demo.readings import MONTHS, STOOD
from dashboards.demo.story import Tale

ROASTER = Tale(
    slug="demo",
    name=NAME,
    administrator="ishiguro",
    teams=TEAMS,
    people=PEOPLE,
    aims=AIMS,
    goals=GOALS,
    check_ins=CHECK_INS,
    months=MONTHS,
    stood=STOOD,
    moved=MOVED,
)
TALES = (ROASTER, INN)

"""How the example company looks back: at its last quarter, and at an objective of this one."""

from dashboards.demo.retrospectives.company import COMPANY, SEAT
from dashboards.demo.retrospectives.teams import MARKETING, ROASTERY, SALES

LOOKED = (SEAT, SALES, MARKETING, ROASTERY, COMPANY)

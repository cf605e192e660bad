"""All that the company's page, its weekly digest and the API say, read once: one source for the three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboards.queries.aims import KGIStanding, kgis
from dashboards.queries.moves import Movement, Obstacles, last_look, movement, obstacles
from dashboards.queries.patterns import Pattern, found_patterns
from dashboards.queries.spread import Board, Distribution, Shift, board
from dashboards.queries.sql import ZONES
from dashboards.queries.turns import Turn, tree_of, turns
from dashboards.queries.voices import Silence, Voices, voices
from objectives.models import Cycle
from objectives.queries.forecasts import Landing, kgi_landings
from people.models import Membership


@dataclass(frozen=True, slots=True)
class Overview:
    """The company at one glance, as one person sees it on a day; without a cycle only its KGIs."""

    cycle: Cycle | None
    today: date
    kgis: Sequence[KGIStanding]
    landings: Mapping[int, Landing]
    board: Board
    movement: Movement
    obstacles: Obstacles = field(default_factory=Obstacles)
    departments: Sequence[Turn] = ()
    voices: Voices = field(default_factory=Voices)
    patterns: Sequence[Pattern] = field(default_factory=list)

    @property
    def spread(self) -> Distribution:
        return self.board.spread

    @property
    def shift(self) -> Shift:
        return self.board.shift

    @property
    def silence(self) -> Silence:
        return self.voices.silence

    @property
    def is_empty(self) -> bool:
        return not self.board.spread.total

    @property
    def is_closed(self) -> bool:
        return self.cycle is not None and self.cycle.is_closed

    @property
    def is_ahead(self) -> bool:
        """Whether the cycle has not begun."""
        return self.cycle is not None and self.today < self.cycle.start


def overview(
    membership: Membership,
    cycle: Cycle | None,
    today: date,
    *,
    all_movers: bool = False,
    newest_obstacles_first: bool = False,
) -> Overview:
    """Everything at once, in so many queries whatever there is."""
    aims = kgis(membership, cycle, today)
    landings = kgi_landings(membership, [row.kgi for row in aims], today)
    nothing = Board(Distribution(dict.fromkeys(ZONES, 0), (), ()), Shift(today), None, today)
    found = board(membership, cycle, today) if cycle is not None else nothing
    if cycle is None or not found.spread.total:
        return Overview(cycle, today, aims, landings, found, Movement(last_look(today)))
    said = voices(membership, cycle, today)
    tree = tree_of(membership)
    return Overview(
        cycle=cycle,
        today=today,
        kgis=aims,
        landings=landings,
        board=found,
        movement=movement(membership, cycle, today, everything=all_movers),
        obstacles=obstacles(membership, cycle, today, newest_first=newest_obstacles_first),
        departments=turns(membership, tree, found.teams, said.heard),
        voices=said,
        patterns=found_patterns(membership, cycle, today, board=found, voices=said, kgis=aims, team_names=tree.names),
    )

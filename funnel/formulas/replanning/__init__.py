"""What the rest of a period needs of a lever, and where the lever and its KGI are heading.

Source: the product's domain notes 2.2 (re-plan), 2.4.
"""

from funnel.formulas.replanning.days import periods_in
from funnel.formulas.replanning.goals import Done, GoalLanding, Own, goal_landing, own_course
from funnel.formulas.replanning.landings import Landing, landing, landing_tree
from funnel.formulas.replanning.rest import MonthsNeed, PastMonth, Rest, Verdict, replan
from funnel.formulas.replanning.spoken import Course, Guess, months_ahead, spoken_landing

__all__ = [
    "Course",
    "Done",
    "GoalLanding",
    "Guess",
    "Landing",
    "MonthsNeed",
    "Own",
    "PastMonth",
    "Rest",
    "Verdict",
    "goal_landing",
    "landing",
    "landing_tree",
    "months_ahead",
    "own_course",
    "periods_in",
    "replan",
    "spoken_landing",
]

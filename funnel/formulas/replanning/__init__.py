"""What the rest of a period needs of a lever, and where the lever and its KGI are heading.

Source: the product's domain notes 2.2 (re-plan), 2.4.
"""

from funnel.formulas.replanning.days import periods_in
from funnel.formulas.replanning.landings import Landing, landing, landing_tree
from funnel.formulas.replanning.rest import MonthsNeed, PastMonth, Rest, Verdict, replan

__all__ = ["Landing", "MonthsNeed", "PastMonth", "Rest", "Verdict", "landing", "landing_tree", "periods_in", "replan"]

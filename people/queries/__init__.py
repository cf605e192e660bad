"""What pages read about people, teams, their rhythm, and mail in files."""

from people.queries.letters import LONGEST_FILE, MOST_LETTERS, letters_in
from people.queries.people import Branch, possible_owners, team_tree
from people.queries.rhythms import DaysOff, Decision, days_off_of, decisions_of, rhythm_of, rhythms_of

__all__ = [
    "LONGEST_FILE",
    "MOST_LETTERS",
    "Branch",
    "DaysOff",
    "Decision",
    "days_off_of",
    "decisions_of",
    "letters_in",
    "possible_owners",
    "rhythm_of",
    "rhythms_of",
    "team_tree",
]

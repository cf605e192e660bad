"""Acts that have a consequence. The pages, the API and the commands call the same ones."""

from objectives.services.agreement import confirm_objective
from objectives.services.alignment import align, unalign
from objectives.services.carrying import carry_over, open_next_cycle, undo_carrying
from objectives.services.check_ins import record_check_in
from objectives.services.closing import MOST_AT_ONCE, close_objective, close_objectives, propose_grade, undo_closing
from objectives.services.closing_cycles import change_cycle_state, close_cycle, reopen_cycle
from objectives.services.cycles import (
    save_cycle,
    save_organization,
    set_first_steps,
    write_cycle,
)
from objectives.services.grades import Word, word_of
from objectives.services.members import change_member, end_membership, hand_over, reinstate_member
from objectives.services.outcomes import carry_on
from objectives.services.planning import (
    change_state,
    drop_key_result,
    drop_objective,
    make_key_results,
    restore_key_result,
    restore_objective,
    save_key_result,
    save_objective,
)
from objectives.services.teams import change_team, close_team, merge_team, reopen_team
from objectives.services.writing import Help, write_key_result, write_objective

__all__ = [
    "MOST_AT_ONCE",
    "Help",
    "Word",
    "align",
    "carry_on",
    "carry_over",
    "change_cycle_state",
    "change_member",
    "change_state",
    "change_team",
    "close_cycle",
    "close_objective",
    "close_objectives",
    "close_team",
    "confirm_objective",
    "drop_key_result",
    "drop_objective",
    "end_membership",
    "hand_over",
    "make_key_results",
    "merge_team",
    "open_next_cycle",
    "propose_grade",
    "record_check_in",
    "reinstate_member",
    "reopen_cycle",
    "reopen_team",
    "restore_key_result",
    "restore_objective",
    "save_cycle",
    "save_key_result",
    "save_objective",
    "save_organization",
    "set_first_steps",
    "unalign",
    "undo_carrying",
    "undo_closing",
    "word_of",
    "write_cycle",
    "write_key_result",
    "write_objective",
]

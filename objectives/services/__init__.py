"""Acts that have a consequence. The pages, the API and the commands call the same ones."""

from objectives.services.alignment import align, unalign
from objectives.services.check_ins import record_check_in
from objectives.services.cycles import change_cycle_state, save_cycle, save_organization
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

__all__ = [
    "align",
    "change_cycle_state",
    "change_state",
    "drop_key_result",
    "drop_objective",
    "make_key_results",
    "record_check_in",
    "restore_key_result",
    "restore_objective",
    "save_cycle",
    "save_key_result",
    "save_objective",
    "save_organization",
    "unalign",
]

"""How often a process looks for garbage once it has loaded everything."""

import gc


def spare_what_is_loaded() -> None:
    """Leave alone what stays until the end: it also stays shared with forks.

    And of all the objects that a page makes hardly any is garbage in a ring: looked for less often, a page comes up to
    a tenth sooner.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)

"""`python -m okrplanner.embedded`, which `make run` ends in."""

import argparse
import os
import sys

from okrplanner.embedded import accounts, reload
from okrplanner.embedded.places import CannotRun, var_dir
from okrplanner.embedded.supervisor import Supervisor


def main() -> None:
    parser = argparse.ArgumentParser(description="Run okrplanner on this machine until Ctrl-C.")
    parser.add_argument("act", nargs="?", choices=("run", "reload"), default="run", help="reload: ask it to start anew")
    parser.add_argument("--until-parent-ends", action="store_true", help="stop when the process that started it ends")
    options = parser.parse_args()
    try:
        accounts.become_owner(var_dir())
        if options.act == "reload":
            reload.ask(var_dir())
            print("Reloaded: new processes have taken over.")
            return
        Supervisor(dict(os.environ), until_parent_ends=options.until_parent_ends).run()
    except CannotRun as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()

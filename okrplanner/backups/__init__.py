"""The whole company in one file, and back: `manage.py backup` and `manage.py restore FILE`."""

import datetime
import math


class Refused(Exception):
    """Why there is no backup or no restore, in one sentence; nothing was changed."""


def stamp(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")


def in_words(size: float) -> str:
    """A size for people: `3.4 MB`."""
    power = min(4, int(math.log(max(size, 1), 1000)))
    return f"{size / 1000**power:.{0 if power == 0 else 1}f} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"

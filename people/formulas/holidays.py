"""Public holidays, from the library `holidays`; it is imported where a year is first asked for.

Importing it takes a third of a second, which every process would otherwise pay at its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

LANGUAGES = {"ja": "ja", "en": "en_US"}


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int, language: str = "ja") -> Mapping[date, str]:
    """The public holidays of a country in one year, by day, with their names; none for "" and unknown countries.

    Of Japan from 1949 to 2099: substitute holidays and the days between two are among them.

    >>> public_holidays("JP", 2026)[date(2026, 5, 6)], public_holidays("JP", 2026, "en")[date(2026, 4, 29)]
    ('振替休日', 'Showa Day')
    """
    if country != "JP":
        return {}
    from holidays.countries.japan import Japan

    return dict(Japan(years=year, language=LANGUAGES.get(language, "en_US")))

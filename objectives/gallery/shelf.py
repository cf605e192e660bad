"""All sets that come with the product."""

from __future__ import annotations

from objectives.gallery.company import FINANCE, OTHER, PEOPLE_SETS
from objectives.gallery.marketing import MARKETING
from objectives.gallery.sales import FURTHER, SALES
from objectives.gallery.service import PRODUCT, SERVICE
from objectives.gallery.sets import Measures, Set

SETS: dict[str, Set] = {
    one.key: one for one in (*MARKETING, *SALES, *SERVICE, *PRODUCT, *PEOPLE_SETS, *FINANCE, *OTHER)
}
MEASURES: dict[str, Measures] = {FURTHER.key: FURTHER}

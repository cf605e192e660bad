"""What nodes are called in the reader's language."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import override

from funnel.models import KPI
from funnel.services import LINKS


def name_of(kpi: KPI) -> str:
    """A KPI's name; one the funnel gave, in whatever language, is said in the reader's."""
    link = LINKS.get(kpi.key)
    if link is None:
        return kpi.name
    given = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            given.add(str(link.name))
    return str(link.name) if kpi.name in given else kpi.name

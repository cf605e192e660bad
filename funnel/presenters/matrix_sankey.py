"""Where leads went in a span of days, as Plotly draws flows: a plain dictionary, colours as roles.

A flow that went back to an earlier stage ends at a mark of its own, so that the drawing never runs in a circle.
"""

from __future__ import annotations

from html import escape
from typing import Any

from django.utils.translation import gettext as _

from funnel.models import StageKind
from funnel.presenters.matrix import MatrixShown

Figure = dict[str, Any]
INK = {StageKind.WON: "role:in", StageKind.LOST: "role:none", StageKind.HOLD: "role:none", StageKind.OUT: "role:none"}


def plain(text: str) -> str:
    """A person's words as Plotly must be given them: no tag or link of theirs survives."""
    return escape(text.replace("\x00", ""), quote=False)


def sankey(shown: MatrixShown) -> Figure | None:
    """The flows between the stages; None where nothing moved."""
    flows = [each for each in shown.arrows if each.span]
    if not flows:
        return None
    kinds = {stage.pk: stage.kind for stage in shown.board.stages}
    nodes: dict[tuple[int | None, bool], int] = {}
    labels: list[str] = []
    colours: list[str] = []

    def node(key: int | None, is_back: bool, name: str) -> int:
        if (key, is_back) not in nodes:
            nodes[key, is_back] = len(labels)
            labels.append(plain(_("Back to %(stage)s") % {"stage": name} if is_back else name))
            colours.append("role:none" if key is None or is_back else INK.get(StageKind(kinds[key]), "role:ink-soft"))
        return nodes[key, is_back]

    links: dict[str, list[Any]] = {"source": [], "target": [], "value": [], "color": []}
    for each in flows:
        links["source"].append(node(each.arrow[0], False, each.origin))
        links["target"].append(node(each.arrow[1], each.is_back, each.to))
        links["value"].append(each.span)
        links["color"].append("role:none/0.28" if each.is_back or each.is_away else "role:in/0.26")
    return {
        "data": [
            {
                "type": "sankey",
                "arrangement": "snap",
                "node": {
                    "label": labels,
                    "color": colours,
                    "pad": 18,
                    "thickness": 10,
                    "line": {"width": 0},
                    "hovertemplate": "%{label} %{value:,}<extra></extra>",
                },
                "link": {
                    **links,
                    "hovertemplate": "%{source.label} → %{target.label} %{value:,}<extra></extra>",
                },
                "textfont": {"color": "role:ink", "size": 12},
                "valueformat": ",",
            }
        ],
        "layout": {"margin": {"l": 8, "r": 8, "t": 12, "b": 12}, "hovermode": "closest"},
        "narrow": {"data": [{"orientation": "v", "textfont": {"size": 11}}]},
    }

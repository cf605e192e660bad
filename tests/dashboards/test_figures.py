"""Figures are plain dictionaries that Plotly accepts, and nothing a person wrote gets out of its place in them."""

import json
import re

import orjson
import plotly.graph_objects as go
import pytest

from dashboards import figures
from dashboards.figures import Band, Brick, Cell, Panel, Pile

BAND = Band(0.6, 0.7)
EVIL = '<a href="javascript:alert(1)">x</a><script>alert(1)</script>&lt;b&gt;'


def every_string(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from every_string(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from every_string(one)


def merged(figure, variant):
    other = figure.get(variant, {})
    data = [
        {**trace, **(other.get("data") or [{}] * len(figure["data"]))[index]}
        for index, trace in enumerate(figure["data"])
    ]
    return {"data": data, "layout": {**figure["layout"], **other.get("layout", {})}}


def uncoloured(value):
    """Roles are resolved in the browser; to Plotly's validator they are said as a colour."""
    return json.loads(re.sub(r"role:[a-z-]+(/[0-9.]+)?", "#123456", json.dumps(value)))


def assert_plotly_accepts(figure):
    for variant in ("", "narrow", "wide"):
        go.Figure(uncoloured(merged(figure, variant)))


def brick(value=0.65, zone="in", **fields):
    return Brick(
        **{"value": value, "zone": zone, "title": "朝の定番になる", "note": "0.65", "address": "/o/x/1/"} | fields
    )


def panel(**fields):
    return Panel(
        **{
            "name": "法人営業",
            "address": "/o/x/objectives/?team=1",
            "scores": (0.1, None, 0.3),
            "paces": (0.08, 0.15, 0.23),
            "landing": 0.64,
            "zone": "in",
            "verdict": "● 0.64",
        }
        | fields
    )


def cell(path="1", parent="", **fields):
    return Cell(
        **{
            "path": path,
            "parent": parent,
            "title": "札幌の店の味を、どこでも飲めるようにする",
            "size": 3.0,
            "tone": "role:in-wash",
            "sign": "● 0.66",
            "note": "オンライン店",
            "leads": "/o/x/objectives/1/",
        }
        | fields
    )


@pytest.mark.parametrize(
    "figure",
    [
        figures.distribution([brick(), brick(0.1, "below"), brick(1.7, "above")], BAND, axis="着地見込み"),
        figures.distribution([Pile(3, "below", 40, "0.15–0.20"), Pile(12, "in", 90, "")], BAND, axis="Heading for"),
        figures.distribution([], BAND, axis="Score"),
        figures.company_map(
            [cell(), cell("1/2", "1", tone="role:below-wash", sign="▼ 0.30"), cell("1/3", "1")], root="KGI"
        ),
        figures.company_map([cell(tone="role:well", sign="○", size=0, opens="/o/x/company/map/?root=1")], root="KGI"),
        figures.company_map([], root="KGI"),
        figures.company_map([cell(is_found=True), cell("1/2", "1", size=1)], root="KGI", shape="treemap"),
    ],
    ids=lambda figure: figure["data"][0]["type"] if figure["data"] else "empty",
)
def test_plotly_accepts_every_figure_on_every_width_and_orjson_writes_it(figure):
    assert_plotly_accepts(figure)
    orjson.dumps(figure)


@pytest.mark.parametrize(
    "figure",
    [
        figures.distribution([brick(title=EVIL, note=EVIL)], BAND, axis=EVIL),
        figures.company_map([cell(title=EVIL, sign=EVIL, note=EVIL)], root=EVIL),
    ],
)
def test_nothing_a_person_wrote_becomes_a_tag_or_a_link(figure):
    for text in every_string(figure):
        assert "<a" not in text
        assert "<script" not in text
        assert set(re.findall(r"<[^>]*>", text)) <= {"<br>"}


def test_no_figure_asks_for_a_style_attribute_which_the_policy_forbids():
    figure = figures.company_map([cell()], root="KGI")
    assert not any(re.search(r"<(b|i|span|sub|sup)\b", text) for text in every_string(figure))


def test_colours_are_named_by_role_and_never_given():
    for figure in (
        figures.distribution([brick()], BAND, axis="x"),
        figures.company_map([cell()], root="KGI"),
    ):
        assert not any(re.match(r"#|rgb|hsl|oklch", text) for text in every_string(figure))


def test_each_objective_is_a_brick_that_leads_to_it_in_the_colour_of_its_zone():
    drawn = figures.distribution([brick(0.62), brick(0.61), brick(0.4, "below", address="/o/x/2/")], BAND, axis="x")
    below, inside = drawn["data"]
    assert below["marker"]["color"] == "role:below"
    assert below["customdata"] == [["/o/x/2/"]]
    assert inside["x"] == [0.625, 0.625]
    assert inside["base"] == [0.09, 1.09]


def test_the_band_lies_behind_the_bars_where_the_organization_puts_it():
    drawn = figures.distribution([brick()], Band(0.55, 0.75), axis="x")
    (shape,) = drawn["layout"]["shapes"]
    assert (shape["x0"], shape["x1"], shape["layer"], shape["fillcolor"]) == (0.55, 0.75, "below", "role:band")
    assert {0.55, 0.75} <= set(drawn["layout"]["xaxis"]["tickvals"])


@pytest.mark.parametrize(
    ("value", "zone", "committed", "number"),
    [
        (0.0, "below", False, 0),
        (0.6, "in", False, 12),
        (0.7, "in", False, 13),
        (0.7001, "above", False, 14),
        (0.999, "above", False, 19),
        (1.0, "above", False, 20),
        (3.0, "above", False, 20),
        (0.95, "in", True, 19),
        (1.0, "in", True, 20),
    ],
)
def test_a_value_stands_on_its_own_side_of_the_bands_limits(value, zone, committed, number):
    assert figures.bin_of(value, zone, BAND, committed=committed) == number


def drawn(*, closed=False, now=2.4, **fields):
    return figures.course(
        panel(**fields), BAND, weeks=13, now=now, closed=closed, said=["第1週", "第2週", "第3週"], label="法人営業"
    )


def test_a_department_without_a_report_has_no_line_and_no_landing():
    empty = drawn(scores=(None, None), paces=(None, None), landing=None, zone="none")
    assert not re.search(r"<circle|class=\"line|end-mark|pace-line", empty)


def test_the_present_week_stands_at_today_not_at_its_end():
    def place(text):
        return float(re.search(r'<circle [^>]*cx="([\d.]+)"', text)[1])

    assert place(drawn(now=2.1)) < place(drawn(now=2.4)) < place(drawn(now=3))


def test_a_closed_department_heads_nowhere_any_more():
    assert "end-mark" in drawn()
    assert "end-mark" not in drawn(closed=True)


def test_what_is_said_of_a_department_stays_words():
    text = figures.course(panel(), BAND, weeks=13, now=3, closed=False, said=[EVIL] * 3, label=EVIL)
    assert "<a" not in text
    assert "<script" not in text


def test_every_cell_has_a_parent_that_is_drawn_and_one_cell_is_the_root():
    drawn = figures.company_map([cell("1"), cell("1/2", "1"), cell("1/2/3", "1/2"), cell("4")], root="KGI")
    (trace,) = drawn["data"]
    assert len(set(trace["ids"])) == len(trace["ids"]) == 5
    assert trace["parents"].count("") == 1
    assert set(trace["parents"]) - {""} <= set(trace["ids"])


def test_an_objective_in_two_places_is_drawn_twice_under_different_ids():
    drawn = figures.company_map([cell("1"), cell("2"), cell("1/3", "1"), cell("2/3", "2")], root="KGI")
    assert drawn["data"][0]["ids"] == ["root", "1", "2", "1/3", "2/3"]


def test_a_cell_opens_its_branch_or_leads_to_its_page_never_both():
    drawn = figures.company_map([cell("1", opens="/o/x/company/map/?root=1"), cell("1/2", "1")], root="KGI")
    assert drawn["data"][0]["customdata"] == [["", ""], ["", "/o/x/company/map/?root=1"], ["/o/x/objectives/1/", ""]]


def test_words_that_do_not_fit_their_cell_are_cut_and_the_glyph_stays():
    many = [cell(str(number), title="とても長い目標の文がここに入る" * 6) for number in range(120)]
    texts = figures.company_map(many, root="KGI")["data"][0]["text"][1:]
    assert all(len(text) < 40 for text in texts)
    long = figures.company_map([cell(title="word " * 200)], root="KGI")["data"][0]["text"][1]
    assert long.startswith("● 0.66<br>")
    assert long.endswith("…")
    thin = [cell("1", size=94), cell("2", sign="▼ 0.91 必達", size=6)]
    assert figures.company_map(thin, root="KGI")["data"][0]["text"][2].startswith("▼ 0.91<br>")


def test_over_a_branch_of_a_treemap_stands_as_much_of_its_title_as_finds_room():
    branch = [cell("1", title="北国の小さな焙煎所から、全国の食卓の常連へ" * 3), cell("1/2", "1", size=1)]
    drawn = figures.company_map(branch, root="KGI", shape="treemap")
    wide, narrow = drawn["data"][0]["labels"][1], drawn["narrow"]["data"][0]["labels"][1]
    assert wide.startswith("● 北国の小さな")
    assert wide.endswith("…")
    assert len(narrow) < len(wide)


@pytest.mark.parametrize("title", ["", " ", "x" * 500, "あ" * 500, "😀" * 40, "a\u0000b", "%{label}"])
def test_any_title_makes_a_figure(title):
    assert_plotly_accepts(figures.company_map([cell(title=title)], root=title))
    assert_plotly_accepts(figures.distribution([brick(title=title)], BAND, axis="x"))

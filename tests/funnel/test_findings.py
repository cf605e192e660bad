"""What is odd about a tree: each rule speaks where it must, and is silent where it might be wrong."""

import pytest

from funnel.formulas.findings import Node, Plan, find
from funnel.formulas.fitting import fit, ways, with_whole_rates
from funnel.formulas.kpi_tree import Formula, Lever, Tree


def lever(key, name, now, *, to=None, must=None, **fields) -> Node:
    return Node(key, name, values={"current": now, "must_hit": must, "challenge": to}, **fields)


def rate(key, name, now, **fields) -> Node:
    return lever(key, name, now, is_rate=True, **fields)


def plan(formulas: dict[str, str], *levers: Node, now=None, aim=None, months=12.0, beside=(), **kgi) -> Plan:
    """A plan; the first formula is the goal, which is by default what the KGI says it is."""
    nodes = [Formula(key, text) for key, text in formulas.items()]
    tree = Tree(next(iter(formulas)), [*nodes, *(Lever(node.key, node.values) for node in levers)])
    said = tree.evaluate("current")[tree.goal] if now is None else now
    named = {key: Node(key, key, formula=text) for key, text in formulas.items()} | {node.key: node for node in levers}
    values = {"current": said, "challenge": said * 3 if aim is None else aim}
    return Plan(tree, named, beside=beside, kgi_values=values, kgi_months=months, **kgi)


def codes(found: Plan) -> list[str]:
    return [finding.code for finding in find(found)]


def pair(one: Node, other: Node) -> Plan:
    return plan({"g": f"100 * {one.key} * {other.key}"}, one, other)


CHURN = rate("churn", "解約率", 0.15, to=0.05)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rate("q", "解約率", 0.15), lever("t", "契約期間", 1.0, to=3.0, unit="年")),
        (rate("q", "Monthly churn", 0.03), lever("t", "Customer lifetime", 20.0, unit="months")),
        (rate("q", "解約率", 0.15), rate("r", "継続率", 0.8)),
        (rate("q", "Retention rate", 0.8), lever("t", "Average contract term", 3.0, unit="years")),
        (rate("a", "やめる人", 0.15, to=0.05), rate("b", "のこる人", 0.85, to=0.95)),
        (rate("a", "抜ける割合", 0.2, to=0.1), lever("b", "続く月数", 5.0, to=10.0)),
    ],
)
def test_levers_that_state_the_same_thing_twice_are_named(one, other):
    assert "same_thing_twice" in codes(pair(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rate("q", "法人の解約率", 0.15), lever("t", "個人の契約期間", 1.0, unit="年")),
        (rate("q", "解約率", 0.15), rate("w", "受注率", 0.85)),
        (rate("q", "離職率", 0.15), lever("t", "契約期間", 2.0, unit="年")),
        (rate("q", "解約率", 0.15), lever("ltv", "顧客ライフタイムバリュー", 100.0, unit="万円")),
        (rate("q", "Net revenue retention", 0.9), lever("t", "Contract term", 2.0, unit="years")),
        (rate("a", "開封率", 0.4), rate("b", "受注率", 0.6)),
        (rate("a", "開封率", 0.4, to=0.5), rate("b", "受注率", 0.6, to=0.7)),
        (lever("q", "解約件数", 15.0, unit="件"), lever("t", "契約期間", 1.0, unit="年")),
    ],
)
def test_what_only_sounds_or_counts_alike_is_left_alone(one, other):
    assert "same_thing_twice" not in codes(pair(one, other))


def test_what_the_churn_already_implies_is_told():
    (found,) = (
        each for each in find(pair(lever("t", "契約期間", 1.0, to=3.0), CHURN)) if each.code == "same_thing_twice"
    )
    assert found.keys == ("churn", "t")
    assert (found.values["first_from"], found.values["first_to"]) == (0.15, 0.05)
    assert found.values["from"] == pytest.approx(6.6667, abs=1e-3)
    assert found.values["to"] == pytest.approx(20)


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (rate("r", "受注率", 0.2, to=1.2), "rate_above_one"),
        (rate("r", "受注率", 20.0), "rate_in_per_cent"),
        (rate("r", "受注率", -0.1), "rate_below_zero"),
        (rate("r", "達成率", 1.2), None),
        (rate("r", "成長率", -0.1), None),
        (rate("r", "受注率", 1.0, to=0.0), None),
        (lever("r", "満足度", 4.5), None),
    ],
)
def test_a_share_stays_between_nothing_and_the_whole(node, code):
    shares = [each for each in codes(plan({"g": f"100 * {node.key}"}, node)) if each.startswith("rate_")]
    assert shares == ([code] if code else [])


def test_a_rate_that_is_calculated_is_looked_at_too():
    found = plan({"g": "1000 * share", "share": "a / b"}, lever("a", "受注", 30.0), lever("b", "商談", 20.0))
    found.nodes["share"] = Node("share", "受注率", formula="a / b", is_rate=True)  # type: ignore[index]
    assert [each.keys for each in find(found) if each.code == "rate_above_one"] == [("share",)]


VISITS = lever("visits", "サイト訪問", 10_000.0, unit="回", period="month")
PRICE = lever("price", "単価", 1000.0, unit="円")
CV = rate("cv", "CV率", 0.01)


@pytest.mark.parametrize(
    ("formula", "levers", "months", "factor"),
    [
        ("visits * cv * price", (VISITS, CV, PRICE), 12, 12),
        ("shops * price", (lever("shops", "来店", 10.0, unit="人", period="week"), PRICE), 12, 52),
        ("year * price", (lever("year", "年間の来店", 10.0, unit="人", period="year"), PRICE), 3, 0.25),
        ("per * price", (lever("per", "訪問", 10.0, unit="回/月"), PRICE), 12, 12),
    ],
)
def test_a_period_that_is_not_the_kgis_is_named_with_its_factor(formula, levers, months, factor):
    (found,) = (each for each in find(plan({"g": formula}, *levers, months=months)) if each.code == "goal_period")
    assert found.keys == (levers[0].key,)
    assert found.values["factor"] == pytest.approx(factor, rel=0.01)


@pytest.mark.parametrize(
    ("formula", "levers", "kgi"),
    [
        ("visits * 12 * cv * price", (VISITS, CV, PRICE), {}),
        ("12 * (visits + visits) * price", (VISITS, PRICE), {}),
        ("visits * cv * price", (VISITS, CV, PRICE), {"kgi_name": "月間売上"}),
        ("visits * cv", (VISITS, CV), {"kgi_unit": "件/月"}),
        ("visits * cv * price", (VISITS, CV, PRICE), {"months": None}),
        ("price * margin / churn", (PRICE, rate("margin", "粗利率", 0.8), rate("churn", "解約率", 0.1)), {}),
        ("fee * margin / churn", (lever("fee", "月額", 500.0, unit="円", period="month"), rate("margin", "粗利率", 0.8),
                                  rate("churn", "解約率", 0.1)), {}),
        ("visits * stay * price", (VISITS, lever("stay", "契約期間", 6.0, unit="か月"), PRICE), {}),
        ("shops * price", (lever("shops", "来店", 9.0, unit="人", period="whole"), PRICE), {"months": 7.3}),
        ("ads / visits", (lever("ads", "広告費", 9.0, unit="円", period="month"), VISITS), {}),
        ("week * 4.33 * 12 * price", (lever("week", "来店", 9.0, unit="人", period="week"), PRICE), {}),
    ],
)  # fmt: skip
def test_periods_that_fit_or_cannot_be_known_are_left_alone(formula, levers, kgi):
    assert not {"goal_period", "periods_added", "periods_divided", "volume_times_volume", "units_added"} & set(
        codes(plan({"g": formula}, *levers, **kgi))
    )


@pytest.mark.parametrize(
    ("formula", "levers", "code"),
    [
        ("a + b", (lever("a", "EC", 9.0, unit="件", period="month"), lever("b", "店", 9.0, unit="件", period="year")),
         "periods_added"),
        ("a / b", (lever("a", "費用", 9.0, unit="円", period="year"), lever("b", "客", 9.0, unit="社", period="week")),
         "periods_divided"),
        ("a * b", (lever("a", "訪問", 9.0, unit="回", period="week"), lever("b", "客", 9.0, unit="件", period="week")),
         "volume_times_volume"),
        ("a + b", (lever("a", "売上", 9.0, unit="円"), lever("b", "売上2", 9.0, unit="万円")), "units_added"),
        ("a + b", (lever("a", "売上", 9.0, unit="円"), lever("b", "受注", 9.0, unit="件")), "units_added"),
    ],
)  # fmt: skip
def test_a_formula_that_mixes_is_named(formula, levers, code):
    assert code in codes(plan({"g": formula}, *levers, months=None))


@pytest.mark.parametrize("formula", ["a * 12 + b", "a + b / 12", "(a + b) * 2"])
def test_a_formula_that_converts_does_not_mix(formula):
    months = "month" if formula.startswith("(") else "year"
    levers = lever("a", "EC", 9.0, unit="件", period="month"), lever("b", "店", 9.0, unit="社", period=months)
    assert "periods_added" not in codes(plan({"g": formula}, *levers, months=None))


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (lever("nps", "NPS", 32.0, to=120.0), "nps_outside"),
        (lever("s", "NPSの平均", 8.2, to=9.0), "nps_average"),
        (lever("nps", "NPS", -20.0, to=50.0), None),
        (lever("nps", "NPS", 3.0, to=10.0), None),
        (lever("s", "満足度", 8.2, to=9.0), None),
    ],
)
def test_nps_keeps_its_scale(node, code):
    assert [each for each in codes(plan({"g": f"9 * {node.key}"}, node)) if "nps" in each] == ([code] if code else [])


A, B = rate("a", "A店の受注率", 0.2), rate("b", "B店の受注率", 0.4)


@pytest.mark.parametrize(
    ("formula", "levers", "is_average"),
    [
        ("100 * ((a + b) / 2)", (A, B), True),
        ("100 * (0.5 * (a + b))", (A, B), True),
        ("100 * ((a + b) * 0.5)", (A, B), True),
        ("100 * ((a + b) / 3)", (A, B), False),
        ("(a + b) / 2", (lever("a", "単価A", 10.0), lever("b", "単価B", 20.0)), False),
        ("(p * a + q * b) / (p + q)", (A, B, lever("p", "商談A", 9.0), lever("q", "商談B", 1.0)), False),
    ],
)
def test_an_average_of_rates_is_named(formula, levers, is_average):
    assert ("average_of_rates" in codes(plan({"g": formula}, *levers))) == is_average


@pytest.mark.parametrize(
    ("now", "is_apart"), [(100.0, False), (104.9, False), (106.0, True), (0.0, True), (-100.0, True)]
)
def test_the_trees_today_is_the_kgis_within_five_per_cent(now, is_apart):
    found = plan({"g": "a * 10"}, lever("a", "A", 10.0), now=now)
    assert ("current_apart" in codes(found)) == is_apart


@pytest.mark.parametrize(
    ("node", "aim", "code"),
    [
        (rate("churn", "解約率", 0.1, to=0.2), 2000.0, "against_its_sign"),
        (rate("churn", "解約率", 0.1, to=0.05), 2000.0, None),
        (rate("churn", "解約率", 0.1, to=0.2), 500.0, None),
        (rate("churn", "解約率", 0.1, must=0.05, to=0.08), 2000.0, "must_hit_harder"),
        (rate("churn", "解約率", 0.1, must=0.08, to=0.05), 2000.0, None),
        (rate("churn", "解約率", 0.1), 2000.0, None),
    ],
)
def test_a_target_moves_with_the_goal_and_the_challenge_is_the_harder_one(node, aim, code):
    found = plan({"g": "100 / churn"}, node, aim=aim)
    found.kgi_values["must_hit"] = (found.kgi_values["current"] + aim) / 2  # type: ignore[index, operator]
    assert codes(found) == ([code] if code else [])


def test_what_stands_beside_the_tree_is_an_orphan():
    found = plan({"g": "a * 2"}, lever("a", "A", 10.0), beside=(lever("x", "フォロワー", 9.0),))
    assert [(each.code, each.keys) for each in find(found)] == [("orphan", ("x",))]


# Ways to fit


def test_each_way_to_fit_reaches_the_target_and_keeps_locks_and_limits():
    levers = [
        Lever("a", {"current": 100, "plan": 900}),
        Lever("b", {"current": 0.2, "plan": 0.5}),
        Lever("c", {"current": 0.1, "plan": 0.02}),
        Lever("d", {"current": 3, "plan": 9}, locked=True),
    ]
    tree = with_whole_rates(Tree("g", [Formula("g", "a * b * d / c"), *levers]), ["b", "c"])
    goal = tree.evaluate("current")["g"]
    found = fit(tree, column="plan", goal_target=goal * 4)
    answers = ways(tree, found, column="plan", goal_target=goal * 4)
    assert [way.code for way in answers] == ["even", "alone"]
    for way in answers:
        assert "d" not in way.values
        assert tree.result({**tree.column("current"), **way.values}) == pytest.approx(goal * 4)
    even = answers[0]
    assert even.values["c"] == pytest.approx(0.1 / even.ratio)
    assert answers[1].values.keys() == {"a"}  # four times a rate of 0.2 is within 1, but beyond its own target


def test_of_two_branches_the_one_that_suffices_alone_is_spoken_of():
    levers = [
        Lever("a", {"current": 1, "plan": 5}),
        Lever("b", {"current": 1, "plan": 1.1}),
        Lever("c", {"current": 1}),
    ]
    tree = Tree("g", [Formula("g", "x * y"), Formula("x", "a * c"), Formula("y", "b"), *levers])
    assert fit(tree, column="plan", goal_target=3).alone.key == "x"
    assert fit(tree, column="plan", goal_target=6).alone is None
    assert fit(tree, column="plan", goal_target=6).levers == ("a", "b")

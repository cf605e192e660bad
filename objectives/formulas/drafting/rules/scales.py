"""Scales that two people read differently: NPS and its average, per cent and points, month and year, times and plus."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from objectives.formulas.drafting.amounts import Amount, find_amounts
from objectives.formulas.drafting.draft import Draft, DraftKeyResult, Finding, Severity
from objectives.formulas.drafting.measures import is_falling
from objectives.formulas.drafting.rewriting import measure_before, said
from objectives.formulas.drafting.rules.numbers import PERCENT_SIGNS, RUNS
from objectives.formulas.drafting.rules.places import number_of, numbered, title_language
from objectives.formulas.drafting.text import JA, level, tidy
from objectives.formulas.drafting.vocabulary.amounts import FACTOR, PERCENT
from objectives.formulas.drafting.vocabulary.measures import RATES

# What a doubt is: its case, what it saw, a better version, and the field that may be replaced.
Doubt = tuple[str, Mapping[str, str], str, str]
_POINTS = frozenset({"ポイント", "pt", "pts", "point", "points", "pp", "percentage points", "パーセントポイント"})
_SPELLED_OUT = r"0\s?[〜~–\-]\s?10|[\-−]100|10点満点|5点満点|out of 10|/10"
_PER_PERIOD = {
    JA: r"月間|毎月|月商|月次の?(?!決算)|1か月(?:あたり|に)|一か月(?:あたり|に)|月あたり|(?:を|が|に|、|"
    r"\s|^)月に?(?=\s?\d)|週間?(?=\s?\d)|毎週|週あたり",
    "en": r"\b(?:per|a|each|every) (?:month|week)\b|\b(?:monthly|weekly)\b",
}
_WHOLE_CYCLE = r"累計|合計|通算|四半期で|期間中|3か月で|三か月で|total|in the quarter|cumulative|over the quarter"
_SEVERAL = r"各|ごと|毎の|別の?|それぞれ|\beach\b|\bper\b|\bacross\b|\bby (?:store|branch|team|person)\b"
# Of these a share below 1 % is ordinary.
_OFTEN_SMALL = (
    r"cv|コンバージョン|クリック|ctr|転換|エラー|クレーム|金利|利回り|インプレッション|増|成長|"
    r"conversion|click|interest|per mille|growth"
)
SMALLEST_SHARE = Decimal("0.1")
_SCALE_NAMED = (
    r"(\d{1,3})\s?点満点|(\d{1,2})\s?段階|(?:out|scale) of (\d{1,3})\b|\b[01]\s?(?:to|-|〜|~|から)\s?(\d{1,3})\b|"
    r"/\s?(5|10|100)\b(?!\s?\d)"
)


def kr_scale_ambiguous(draft: Draft) -> Iterable[Finding]:
    """Two people would read the number differently, and each would be right."""
    for where, result in numbered(draft):
        for doubt in DOUBTS:
            found = doubt(result, title_language(result, draft))
            if found:
                case, evidence, suggestion, about = found
                yield Finding("kr_scale_ambiguous", where, Severity.WARN, evidence, suggestion, about, case)
                break


def nps_or_average(result: DraftKeyResult, language: str) -> Doubt | None:
    """NPS runs from −100 to 100, the average of the answers it is made from, from 0 to 10."""
    title = level(tidy(result.title))
    unit = level(result.unit) if isinstance(result.unit, str) else ""
    if not re.search(r"(?<![a-z])nps(?![a-z])", title + " " + unit):
        return None
    target, start = _target_said(result), number_of(result.start_value)
    average = "NPSの質問への回答の平均（0〜10）" if language == JA else "Average answer to the NPS question (0–10)"
    if re.search(_SPELLED_OUT, title):
        return None
    if re.search(r"平均|average|mean", title) and (target is None or target <= 10):
        return "nps_average", _value(target), average, "title"
    if target is None:
        return None
    if abs(target) > 100:
        return "nps_outside", _value(target), "", ""
    is_low = start is None or 0 <= start <= 10
    return ("nps_average", _value(target), average, "title") if 5 <= target <= 10 and is_low else None


def nps_in_percent(result: DraftKeyResult, language: str) -> Doubt | None:
    """NPS is the difference of two shares: a figure from −100 to 100, no share of anything."""
    unit = result.unit.strip() if isinstance(result.unit, str) else ""
    is_nps = re.search(r"(?<![a-z])nps(?![a-z])", level(tidy(result.title)))
    is_share = re.search(r"割合|比率|回答率|人の|share|rate", level(result.title))
    if is_nps and not is_share and unit in PERCENT_SIGNS:
        if any(amount.kind == PERCENT for amount in find_amounts(tidy(result.title))):
            return "nps_percent", {}, "NPS 現状 __ → __" if language == JA else "NPS: now __ → __", ""
        return "nps_percent", {}, "NPS", "unit"
    return None


def plus_or_times(result: DraftKeyResult, language: str) -> Doubt | None:
    """+300 % is four times what there is; many mean three times."""
    title = tidy(result.title)
    searched = level(title)
    for amount in find_amounts(title):
        if amount.kind == FACTOR and amount.text.endswith("倍増") and amount.value:
            lower, higher = f"{amount.value:f}", f"{amount.value + 1:f}"
            return "times_more", {"amount": amount.text, "lower": lower, "higher": higher}, "", ""
        if amount.kind != PERCENT or amount.value is None or amount.value < 100:
            continue
        is_added = (
            level(amount.text).startswith("+")
            or re.match(r"(?:以上)?の?(?:増|アップ|up|伸|上昇|向上)", searched[amount.end :])
            or re.search(r"\b(?:by|up) $", searched[: amount.start])
            or re.match(r" (?:increase|growth|more|up|higher)\b", searched[amount.end :])
        )
        if is_added and not _is_added_to_start(result, amount.value):
            return "plus_percent", *_plus(result, amount.value, _measure_of(title, amount), language)
    return None


def growth_in_percent(result: DraftKeyResult, language: str) -> Doubt | None:
    """Where a volume's target is given in per cent, from nothing to 300, it may be three or four times."""
    target, start = number_of(result.target_value), number_of(result.start_value)
    unit = result.unit.strip() if isinstance(result.unit, str) else ""
    title = tidy(result.title)
    searched = level(title)
    is_volume = re.search(
        r"(?:売上|訪問|訪問数|アクセス|アクセス数|セッション|pv|件数|会員|会員数|登録者|登録者数|フォロワー|フォロワー数|流入|流入数|来店|来店数|客数|利益|"
        r"visits|traffic|sales|revenue|sessions|followers|subscribers|users|orders)$",
        re.sub(r"[\s+\d%.,]+$", "", searched),
    )
    starts_at_nothing = result.start_value is None or start == 0
    if unit in PERCENT_SIGNS and is_volume and target is not None and target >= 100 and starts_at_nothing:
        is_compared = re.search(r"比|compared|of last", searched)
        if result.kind in RUNS and not is_compared:
            return "plus_percent", *_plus(result, target, re.sub(r"[\s+＋\d%％.,]+$", "", title), language)
    return None


def _plus(result: DraftKeyResult, percent: Decimal, measure: str, language: str) -> tuple[Mapping[str, str], str, str]:
    times = 1 + percent / 100
    times_said = f"{times.normalize():f}{'倍' if language == JA else ' times'}"
    start = number_of(result.start_value)
    evidence = {
        "amount": f"+{percent.normalize():f}%",
        "times": f"{times.normalize():f}",
        "other": f"{(percent / 100).normalize():f}",
    }
    if start:
        before, after = (f"{value.normalize():,f}" for value in (start, start * times))
    else:
        before, after = "__", "__"
    way = f"{before} → {after}"
    text = (
        f"{measure} {way}（現状の{times_said}）" if language == JA else f"{measure}: {way} ({times_said} today's value)"
    )
    return evidence, text if 0 < len(measure) <= 60 else "", ""


def per_cent_or_points(result: DraftKeyResult, language: str) -> Doubt | None:
    """A rate raised by 5 % from 20 % is 21 %; raised by 5 points it is 25 %."""
    title = tidy(result.title)
    searched = level(title)
    for amount in find_amounts(title):
        if amount.kind != PERCENT or "ポイント" in amount.text or "p" in level(amount.text) or _both_told(result):
            continue
        before, after = searched[: amount.start], searched[amount.end :]
        measure = measure_before(title, amount)
        is_rate = re.search(RATES[language], level(measure))
        is_added = (
            level(amount.text)[:1] in "+-"
            or re.match(
                r"(?:ほど|程度|以上)?の?(?:増|アップ|up|向上|改善|上げ|引き上げ|高め|上昇|減|削減|下げ|引き下げ|低下|ダウン)",
                after,
            )
            or before.endswith(("by ", "up ", "down "))
        )
        if is_rate and is_added and amount.value is not None and abs(amount.value) < 100:
            points = f"{abs(amount.value).normalize():f}"
            if language == JA:
                lower = _is_down(after, amount.text) or is_falling(measure)
                way = f"{measure} __% → __%（{points}ポイント{'減' if lower else '増'}）"
            else:
                way = f"{measure}: __% → __% ({points} points)"
            return "percent_or_points", {"amount": amount.text, "points": points}, way, ""
    unit = level(result.unit).strip() if isinstance(result.unit, str) else ""
    if unit in _POINTS and re.search(RATES[language], searched) and not find_amounts(title):
        return "rate_in_points", {"unit": unit}, "%", "unit"
    return None


def _measure_of(title: str, amount: Amount) -> str:
    """What an amount is of; where that is not plain, the title without what stands from the amount on."""
    return measure_before(title, amount) or re.sub(
        r"を?[月週年]?に?$| (?:up|down|by)$", "", title[: amount.start].strip(" :、がは")
    )


def _is_down(after: str, amount: str) -> bool:
    return bool(re.match(r"(?:ほど|程度|以上)?の?(?:減|削減|下げ|引き下げ|低下|ダウン)", after)) or amount[:1] in "-−－"


def share_or_per_cent(result: DraftKeyResult, language: str) -> Doubt | None:
    """A rate of 0.25 with the unit % is a quarter of a per cent; most mean 25 %."""
    unit = result.unit.strip() if isinstance(result.unit, str) else ""
    target, start = number_of(result.target_value), number_of(result.start_value)
    if unit not in PERCENT_SIGNS or target is None or not SMALLEST_SHARE <= target <= 1 or (start or 0) > 1:
        return None
    is_small = re.search(_OFTEN_SMALL, level(tidy(result.title))) or is_falling(result.title)
    if is_small or (start is not None and start > target):
        return None
    meant = said(target * 100, "%", language)
    return "fraction", {"value": said(target, "%", language), "meant": meant}, meant, "target_value"


def beyond_own_scale(result: DraftKeyResult, language: str) -> Doubt | None:
    """A target of 8 on a scale that ends at 5 is read on another scale, or is a slip."""
    how = result.measured_how if isinstance(result.measured_how, str) else ""
    unit = result.unit if isinstance(result.unit, str) else ""
    words = level(f"{tidy(result.title)} {tidy(how)}")
    named = re.search(_SCALE_NAMED, re.sub(r"\bten\b", "10", re.sub(r"\bfive\b", "5", words)))
    target = number_of(result.target_value)
    # NPS is asked for from 0 to 10 and itself runs to 100: `nps_or_average` tells the two apart.
    if named is None or target is None or re.search(r"(?<![a-z])nps(?![a-z])", f"{words} {level(unit)}"):
        return None
    most = Decimal(next(filter(None, named.groups())))
    if not target > most > 1:
        return None
    return "beyond_scale", {"value": f"{target.normalize():f}", "most": f"{most:f}"}, "", ""


def fall_by_more_than_all(result: DraftKeyResult, language: str) -> Doubt | None:
    """Nothing can fall by more than 100 %: 300 % less is meant as a third, or as something else."""
    title = tidy(result.title)
    for amount in find_amounts(title):
        before, after = level(title[: amount.start]), level(title[amount.end :])
        is_down = _is_down(after, amount.text) or re.search(
            r"\b(?:reduce|cut|lower|decrease) .{1,60} by $|\bdown $|\bdown by $", before
        )
        if amount.kind == PERCENT and amount.value is not None and abs(amount.value) > 100 and is_down:
            return "fall_beyond_all", {"amount": amount.text}, "", ""
    return None


def month_or_whole(result: DraftKeyResult, language: str) -> Doubt | None:
    """A figure of every month that is added up over the cycle: each month so many, or so many in all?"""
    title = level(tidy(result.title))
    unit = level(result.unit) if isinstance(result.unit, str) else ""
    named = re.search(_PER_PERIOD[language], title) or re.search(r"/\s?(?:月|週|month|week|mo)$", unit)
    if result.kind == "cumulative" and named and not re.search(_WHOLE_CYCLE, title):
        word = tidy(named[0]).strip(" 、")
        suggestion = _in_whole_cycle(tidy(result.title), language)
        return "month_or_cycle", {"word": word}, suggestion, "title" if suggestion else ""
    yearly = re.search(r"年間|年商|年あたり|/\s?年$|yearly|annual|per year|a year|/\s?year$", f"{title} {unit}")
    monthly = re.search(r"月間|毎月|月商|/\s?月$|monthly|per month|a month|/\s?month$", f"{title} {unit}")
    if yearly and monthly and result.kind not in ("quota",):
        return "month_or_year", {"word": tidy(monthly[0]), "other": tidy(yearly[0])}, "", ""
    return None


def _in_whole_cycle(title: str, language: str) -> str:
    if language == JA and re.match(r"(?:月間の?|毎月の|毎週の)", title) and not find_amounts(title):
        return re.sub(r"^(?:月間の?|毎月の|毎週の)", "四半期の", title)
    return ""


def mean_of_rates(result: DraftKeyResult, language: str) -> Doubt | None:
    """The mean of the stores' rates is not the rate of all stores together."""
    title = level(tidy(result.title))
    is_mean = re.search(r"平均|average|mean", title)
    is_rate = re.search(r"率|割合|\brates?\b|\bratios?\b", title)
    if is_mean and is_rate and re.search(_SEVERAL, title):
        return "mean_of_rates", {}, "", ""
    return None


def _both_told(result: DraftKeyResult) -> bool:
    return number_of(result.start_value) is not None and number_of(result.target_value) is not None


def _is_added_to_start(result: DraftKeyResult, percent: Decimal) -> bool:
    """Whether baseline and target settle what an added percentage means: 1,000 and +300 % are 4,000, not 3,000."""
    start, target = number_of(result.start_value), number_of(result.target_value)
    return bool(start) and start is not None and target is not None and target != start * percent / 100


def _target_said(result: DraftKeyResult) -> Decimal | None:
    """The target, from its field or from the title."""
    target = number_of(result.target_value)
    if target is not None:
        return target
    values = [amount.value for amount in find_amounts(tidy(result.title)) if amount.value is not None]
    return values[-1] if values else None


def _value(target: Decimal | None) -> dict[str, str]:
    return {} if target is None else {"value": f"{target.normalize():f}"}


def is_doubtful(result: DraftKeyResult, language: str) -> bool:
    """Whether the scale of a key result is in doubt."""
    return any(doubt(result, language) for doubt in DOUBTS)


DOUBTS: tuple[Callable[[DraftKeyResult, str], Doubt | None], ...] = (
    nps_or_average,
    nps_in_percent,
    plus_or_times,
    growth_in_percent,
    per_cent_or_points,
    share_or_per_cent,
    beyond_own_scale,
    fall_by_more_than_all,
    month_or_whole,
    mean_of_rates,
)

"""Is a KGI specific, measurable and dated, and is it high enough to be worth a plan?

Only findings, never refusals: the writer decides. Source: the product's domain notes 3.13 and 3.14.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

Figure = int | Decimal | Fraction

HIGH_FROM = 2
FANTASY_ABOVE = 10
# Less than this above last year asks nothing new of anybody.
NO_RISK_BELOW = Fraction(105, 100)

# A KGI's name says what is counted; these only say that it should become more.
_VAGUE = re.compile(
    "|".join(
        (
            r"(を|の|が|は)?(さらに|もっと|より|大きく)?(上げ|あげ|伸ば|のば|増や|ふや|高め|拡大|向上|強化|改善|推進|促進|最大化|活性化|成長)(?!率|額|数|度|幅)",
            r"(アップ|増加|増大)(する|させる|を?目指す|へ)?$",
            r"がんば|頑張",
            r"\b(raise|improve|increase|grow|boost|strengthen|maximi[sz]e|enhance|expand|drive|accelerate|optimi[sz]e)\b",
            r"\b(more|better|higher|stronger)\b",
        )
    ),
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千]+\s*(倍|割|億|万|件|社|人|%)|半減|倍増|\b(double|triple|twice|half)\b", re.IGNORECASE
)
_NOT_A_NUMBER = re.compile(r"\b(?:FY|CY)?\s?(?:19|20)\d\d\s*(?:年度|年)?|\bQ[1-4]\b|\d{1,2}月|B2[BC]", re.IGNORECASE)


@dataclass(frozen=True)
class KGIFigures:
    """What is known of a KGI; amounts in its own unit, None where unknown."""

    name: str
    current: Figure | None = None
    last_year: Figure | None = None
    must_hit: Figure | None = None
    challenge: Figure | None = None
    period_start: date | None = None
    period_end: date | None = None
    why: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing worth saying. `where` is the figure it concerns, `values` what the sentence names.

    Codes: name_vague, no_target, no_must_hit, no_challenge, not_dated, period_over, no_current, same_as_last_year
    (前例主義), hardly_above_last_year (リスク回避), same_as_current, below_current, must_hit_above_challenge,
    targets_alike, high_without_why, high_without_picture, above_ten_times.
    """

    code: str
    where: str
    values: Mapping[str, object] = field(default_factory=dict)


def check_kgi(kgi: KGIFigures, today: date | None = None) -> list[Finding]:
    """All findings on a KGI, the most important first; an empty list is a good KGI.

    >>> [finding.code for finding in check_kgi(KGIFigures("売上を上げる"))]
    ['name_vague', 'no_target', 'not_dated', 'no_current']
    >>> year = date(2026, 4, 1), date(2027, 3, 31)
    >>> check_kgi(KGIFigures("年間売上", 300, 300, 450, 900, *year, why="農園と続けるため", picture="週末の行列"))
    []
    """
    findings: list[Finding] = []
    if is_vague(kgi.name):
        findings.append(Finding("name_vague", "name"))
    findings += _targets(kgi)
    if kgi.period_start is None or kgi.period_end is None:
        findings.append(Finding("not_dated", "period_end"))
    elif today is not None and kgi.period_end < today:
        findings.append(Finding("period_over", "period_end", {"ended": kgi.period_end}))
    if kgi.current is None:
        findings.append(Finding("no_current", "current"))
    return findings + _height(kgi)


def is_vague(name: str) -> bool:
    """Does the name only wish for more, without saying how much? Years and names like B2B are no amounts.

    >>> is_vague("売上を上げる"), is_vague("Raise sales in FY2026"), is_vague("EC売上を2026年度末までに1.5倍に伸ばす")
    (True, True, False)
    >>> is_vague("年間売上"), is_vague("New customers")
    (False, False)
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    return bool(_VAGUE.search(plain)) and not _NUMBER.search(_NOT_A_NUMBER.sub("", plain))


def ratio_to_base(kgi: KGIFigures, target: Figure | None) -> Fraction | None:
    """How many times last year, or else the current value, a target is; None where neither is a positive number."""
    base = kgi.last_year if kgi.last_year is not None else kgi.current
    if target is None or base is None or base <= 0:
        return None
    return Fraction(target) / Fraction(base)


def _targets(kgi: KGIFigures) -> list[Finding]:
    if kgi.must_hit is None and kgi.challenge is None:
        return [Finding("no_target", "must_hit")]
    findings = []
    if kgi.must_hit is None:
        findings.append(Finding("no_must_hit", "must_hit"))
    if kgi.challenge is None:
        findings.append(Finding("no_challenge", "challenge"))
    targets = [
        (where, value)
        for where, value in (("must_hit", kgi.must_hit), ("challenge", kgi.challenge))
        if value is not None
    ]
    if kgi.must_hit is not None and kgi.challenge is not None:
        if kgi.must_hit == kgi.challenge:
            findings.append(Finding("targets_alike", "challenge", {"target": kgi.challenge}))
        elif kgi.must_hit > kgi.challenge and not _is_falling(kgi):
            findings.append(
                Finding("must_hit_above_challenge", "must_hit", {"must_hit": kgi.must_hit, "challenge": kgi.challenge})
            )
    for where, value in targets:
        if kgi.current is not None and value == kgi.current:
            findings.append(Finding("same_as_current", where, {"target": value}))
        elif kgi.current is not None and value < kgi.current and not _is_falling(kgi):
            findings.append(Finding("below_current", where, {"target": value, "current": kgi.current}))
        elif kgi.last_year is not None and value == kgi.last_year:
            findings.append(Finding("same_as_last_year", where, {"target": value}))
    return findings


def _height(kgi: KGIFigures) -> list[Finding]:
    highest = kgi.challenge if kgi.challenge is not None else kgi.must_hit
    ratio = ratio_to_base(kgi, highest)
    if ratio is None:
        return []
    findings = []
    where = "challenge" if kgi.challenge is not None else "must_hit"
    if kgi.last_year is not None and 1 < ratio < NO_RISK_BELOW:
        findings.append(Finding("hardly_above_last_year", where, {"ratio": ratio}))
    if ratio > FANTASY_ABOVE:
        findings.append(Finding("above_ten_times", where, {"ratio": ratio}))
    if ratio >= HIGH_FROM and not kgi.why.strip():
        findings.append(
            Finding(
                "high_without_why",
                "why",
                {"ratio": ratio, "of_last_year": kgi.last_year is not None},
            )
        )
    if ratio >= HIGH_FROM and not kgi.picture.strip():
        findings.append(Finding("high_without_picture", "picture", {"ratio": ratio}))
    return findings


def _is_falling(kgi: KGIFigures) -> bool:
    """A KGI that is to become less, such as costs: both targets lie below today, the challenge lowest."""
    if kgi.current is None or kgi.must_hit is None or kgi.challenge is None:
        return False
    return kgi.challenge < kgi.must_hit < kgi.current

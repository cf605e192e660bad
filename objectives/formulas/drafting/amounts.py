"""Numbers in a sentence: measurable amounts, told from everyday words, ranks and names.

An amount is digits or numerals with a unit or a factor: 2倍, 50社, ３０％, 10億円, 半分, "double", "by 30%". Not an
amount are everyday words (一杯, 一番, 三か月で, 一人ひとり, twice a week), ranks as ambition (No.1, トップ3) and names
(B2B, 5S, FY2026, Q1, 24時間365日). A span of time counts only where it is what shall become shorter or longer.
Source: the product's domain notes 3.22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from objectives.formulas.drafting.text import JA, REMEMBERED, any_of, language_of, level

FACTOR, PERCENT, MONEY, COUNT, TIME, SCORE = "factor", "percent", "money", "count", "time", "score"


@dataclass(frozen=True)
class Amount:
    """An amount in a text: where it stands, as it was written, what it is of, and its value where it is plain.

    `origin` is where it starts from, where the text says so: from 15% to 25%.
    """

    start: int
    end: int
    text: str
    kind: str
    value: Decimal | None = None
    unit: str = ""
    origin: str = ""


_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
# A number that is not the end of a name or of another number.
_ALONE = r"(?<![\d.,#/\-])(?<!第)(?<!no\.)(?<!no\. )"
_SCALE = r"(?:[百千]?[万億兆]|[百千])"
_NUMBER = rf"{_ALONE}(?P<sign>[+\-]?)(?P<figure>{_DIGITS}(?:\s?{_SCALE}(?:{_DIGITS}{_SCALE})*)?)"
_KANJI = "一二三四五六七八九十百千"

# What is counted, and what must not follow, because it makes another word of it.
COUNTERS = {
    "社": "(?!員|長|内|会|風)",
    "件": "(?!名|費)",
    "人": "(?!いれば|に[一1]人|前|気|称|材|間|ひとり|三脚|十色|百様|一首|力|目)",
    "名": "(?!所|産|物|前|刺|古|様)",
    "個": "(?!人|性|別)",
    "本": "(?!社|格|気|部|店|来|質|当|日|柱|の柱|の矢|音)",
    "回": "(?!転|答|線|避|復|収)",
    "店": "(?!舗|長|員|頭|主)",
    "台": "(?!風|所|帳|湾|頭|目)",
    "枚": "",
    "冊": "",
    "点": "(?!検|火|在|字|セット)",
    "箱": "",
    "杯": "",
    "袋": "",
    "通": "(?!り|勤|学|じ|常|過)",
    "便": "(?!利|益)",
    "組": "(?!織|み)",
    "席": "",
    "校": "(?!正|長)",
    "棟": "",
    "戸": "(?!建)",
    "室": "(?!内|長)",
    "種": "(?!ま)",
    "品": "(?!質|格|性)",
    "票": "",
    "口": "(?!座|頭)",
    "食": "(?!品|材|事|べ|堂)",
    "位以内": "",
    "拠点": "(?!生活)",
    **dict.fromkeys(
        (
            *("店舗", "会場", "企業", "団体", "施設", "世帯", "品目", "種類", "か国", "カ国", "ヶ国", "ヵ国"),
            *(
                "か所",
                "カ所",
                "ヶ所",
                "箇所",
                "案件",
                "商談",
                "契約",
                "受注",
                "アポ",
                "リード",
                "ユーザー",
                "アカウント",
            ),
            *("フォロワー", "ダウンロード", "dl", "pv", "uu", "セッション", "クリック", "再生", "いいね", "レビュー"),
            *("口コミ", "記事", "動画", "事例", "コンテンツ", "ページ", "アイテム", "sku", "トン", "kg", "km", "坪"),
            *("mb", "gb", "kwh", "セット", "エリア", "名様", "社様", "市町村", "クライアント", "チャネル"),
        ),
        "",
    ),
}
_COUNTER = "(?:" + "|".join(re.escape(w) + COUNTERS[w] for w in sorted(COUNTERS, key=lambda w: -len(w))) + ")"
# 三店舗目 is a rank, 五年連続 a name.
_NOT_ORDINAL = r"(?!目(?!標)|連続|以外)"
_SHORTER = r"(?:短縮|削減|短く|減ら|縮め|縮小|早く|抑え|延長|延ば|伸ば)"
_IDIOM = r"(?!の(?:力|全力|気持ち|本気|信頼|自信|愛))"
_WHOLLY = r"(?<!\d)100%(?![をにへでとのま、。はが以達目超 ]|$)"

_JA: tuple[tuple[str, str], ...] = (
    (FACTOR, rf"{_NUMBER}\s?(?P<unit>倍増|倍)(?!率|数|速)"),
    (FACTOR, r"(?<![人一元勇][気一])(?<!さ)(?P<kanji>[二三四五六七八九十百千]+)(?P<unit>倍増|倍)(?!率|数)"),
    (FACTOR, r"(?<![一二三四五六七八九十百千万\d何数人])(?:倍増|倍(?=に|へ|以上|を目指))"),
    (SCORE, r"(?P<figure>(?:[一二三2-9]|ひと|ふた)(?:桁|ケタ|けた))(?!違)"),
    (SCORE, rf"(?:数|人数|件数)を(?P<figure>(?<![\d.,]){_DIGITS})(?=に|へ|まで|以上)"),
    (FACTOR, r"半減|半分(?=に|へ|以下|まで|とす|$)"),
    (FACTOR, r"\d+分の\d+|[二三四五六七八九十]分の[一二三四五六七八九]|(?<!\d)1/\d+(?=に|へ|以下)"),
    (PERCENT, rf"(?!{_WHOLLY}){_NUMBER}\s?(?P<unit>%|パーセント|ポイント|pt(?![a-z])){_IDIOM}"),
    (PERCENT, rf"{_NUMBER}(?P<unit>割)(?!合|引|れ|り)"),
    (PERCENT, r"(?P<kanji>[一二三四五六七八九])(?P<unit>割)(?!合|引|れ|り|烹|勘|く|い|っ)"),
    (MONEY, rf"[¥$€£]\s?{_DIGITS}\s?(?:[kmb](?![a-z])|{_SCALE})?"),
    (MONEY, rf"{_NUMBER}\s?(?P<unit>円|ドル|ユーロ)(?!卓|滑|満|高|安|形|盤)"),
    (MONEY, rf"(?P<kanji>[{_KANJI}]+[万億兆][{_KANJI}万]*)(?P<unit>円)"),
    (MONEY, r"(?P<kanji>[二三四五六七八九]?[百千][一二三四五六七八九百]*)(?P<unit>円)"),
    (
        COUNT,
        rf"(?<![a-z])(?<!上位)(?<!トップ)(?<!ベスト)(?<!top)(?<!top "
        rf"){_NUMBER}\s?(?P<unit>{_COUNTER}){_NOT_ORDINAL}",
    ),
    (COUNT, rf"{_NUMBER}(?<=[万億兆])(?!全|一|総|年|歳)"),
    (
        COUNT,
        rf"(?<![第上位])(?P<kanji>[{_KANJI}]+[万億]?)(?P<unit>社|件|店舗|拠点|名|人(?!前|に[一1]人|十色|百様|力|一首|三脚))",
    ),
    (TIME, rf"{_NUMBER}\s?(?P<unit>時間|分|秒|営業日)(?=以内|以下|未満|を切|より早)"),
    (
        TIME,
        rf"{_NUMBER}\s?(?P<unit>時間|分|秒|営業日|日|週間|[かカヶヵ]月)(?=(?:以下|未満|以内)?(?:に|へ|"
        rf"まで|も|ほど|程度)?{_SHORTER})",
    ),
    (TIME, rf"(?<=を){_NUMBER}\s?(?P<unit>時間|分|秒|営業日|日)(?=に|へ|以下|まで|未満)"),
    (
        SCORE,
        rf"(?:nps|満足度|スコア|評価)(?:の?平均)?(?:を|が|は|で|"
        rf":)?\s?(?P<figure>(?<![\d.,]){_DIGITS})(?=に|を|以上|へ|超|達|まで|$|\s)",
    ),
)

_SPELLED = {
    **dict.fromkeys(("two", "three", "four", "five", "six", "seven", "eight", "nine"), "few"),
    **dict.fromkeys(("ten", "eleven", "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty"), "many"),
    **dict.fromkeys(("seventy", "eighty", "ninety", "hundred", "thousand", "million", "billion", "dozen"), "many"),
}
_FEW = any_of(word for word, size in _SPELLED.items() if size == "few")
_MANY = any_of(word for word, size in _SPELLED.items() if size == "many")
COUNTED = any_of(
    (
        *("customer", "client", "account", "company", "companies", "business", "businesse", "deal", "order", "lead"),
        *("store", "shop", "location", "branch", "branche", "office", "country", "countries", "city", "cities"),
        *("market", "user", "subscriber", "follower", "member", "visitor", "visit", "view", "download", "sign-up"),
        *("signup", "meeting", "call", "contract", "partner", "employee", "people", "hire", "engineer", "developer"),
        *("product", "feature", "project", "event", "webinar", "seminar", "article", "post", "video", "backlink"),
        *("case stud", "case studies", "review", "unit", "sale", "booking", "reservation", "guest", "ticket", "inquir"),
        *("inquiries", "enquiries", "referral", "point", "star", "rating", "page", "session", "complaint", "defect"),
        *("buyer", "household", "shipment", "delivery", "deliveries", "supplier", "dealer", "student", "patient"),
        *("opportunity", "opportunities", "trial", "demo", "install", "conversion", "error", "incident", "bug"),
    )
)
_NAMED = (
    r"(?<!top )(?<!fortune )(?<!no\. )(?<!number )(?<!phase )(?<!step )(?<!version )(?<!tier )(?<!level )(?<!fy)"
    r"(?<!global )(?<!day )(?<!area )(?<!series )(?<!round )(?<!stage )(?<!office )(?<!microsoft )(?<!windows )"
    r"(?<!industry )(?<!web )(?<!society )"
)
_EN_NUMBER = rf"(?<![\d.,#/a-z\-]){_NAMED}(?P<sign>[+\-]?)(?P<figure>{_DIGITS})"
_ADJECTIVE = (
    r"(?![a-z]*[^su]s\b)(?!(?:that|the|of|in|on|for|by|to|and|or|who|which|a|our|with|from|at|is|are)\b)[a-z][a-z\-]*"
)
_SOME = rf"(?:{_ADJECTIVE} ){{0,2}}?"
_THINGS = rf"(?P<unit>{COUNTED}(?:s|es|y)?)\b"
_NOT_OURS = r"(?<!our )(?<!the )(?<!these )(?<!all )(?<!those )"
_PURE = (
    r"(?!100% (?:[\w\-]+ )?(?:\w+-)?(?:focused|committed|dedicated|organic|natural|remote|digital|transparent|honest|"
    r"recyclable|driven|centric|oriented|local|sure|vegan|handmade|renewable|cotton|electric|paperless)\b)"
    r"(?!1[0-9]0% (?:effort|commitment|energy|dedication)\b)"
)
_EN: tuple[tuple[str, str], ...] = (
    (FACTOR, rf"{_EN_NUMBER}\s?(?P<unit>x|×|-?fold|times)(?![a-z0-9\-])(?! (?:a|per|each|every|in) )"),
    (FACTOR, r"\b(?:two|three|four|five|six|ten|hundred)-?fold\b"),
    (
        FACTOR,
        r"\bdoubl(?:e|es|ed|ing)\b(?! (?:down|check|shot|espresso|up|opt|digit|entry|blind|rooms?|"
        r"standards?|duty|act|bind|edged|whammy|take|team)\b|-)",
    ),
    (
        FACTOR,
        r"\b(?:tripl(?:e|es|ed|ing)|quadrupl(?:e|es|ed|ing)|halv(?:e|es|ed|ing))\b(?!-)(?! (?:play|"
        r"crown|jump|threat|bottom))",
    ),
    (
        FACTOR,
        r"(?<!think )(?<!once or )\b(?:twice|three times|four times|five times|ten times)\b(?! (?:a|"
        r"an|per|each|every|in|daily|weekly|monthly|yearly|the (?:joy|fun|love|heart))\b)(?= )",
    ),
    (
        FACTOR,
        r"\b(?:by|in|to) half\b|(?<!first )(?<!second )(?<!other )(?<!latter )(?<!better )\bhalf "
        r"(?:of|as)\b(?! (?:the |this |next )?(?:year|fiscal|fy|20\d\d|many of))",
    ),
    (FACTOR, r"\bby (?:a|one) (?:third|quarter|fifth|tenth)\b|\b(?:one|a) third of\b"),
    (FACTOR, rf"\b(?:one|{_FEW}) (?:out of|in) (?:{_FEW}|ten|twenty|hundred)\b"),
    (COUNT, rf"\b{_FEW} (?!days a week)[a-z\-]+s (?:a|per|every|each) (?:day|week|month|quarter|year)\b"),
    (PERCENT, rf"(?<=[a-z])(?P<figure>{_DIGITS})(?P<unit>%)"),
    (COUNT, rf"{_EN_NUMBER} (?:new|more|additional) [a-z]{{3,}}s\b"),
    (
        SCORE,
        rf"\bfrom (?!9 to 5\b)(?!20\d\d\b)(?P<figure>{_DIGITS} to {_DIGITS})(?=$|[.,!]| (?:by|in|this|next|within)\b)",
    ),
    (SCORE, r"(?P<figure>\b\d\.\d)-star\b"),
    (SCORE, r"\b(?P<figure>(?:single|double|triple)-digit)\b"),
    (FACTOR, r"\btwo thirds of\b|\bthree quarters of\b|\ba quarter of (?!the )"),
    (PERCENT, rf"{_PURE}{_EN_NUMBER}\s?(?P<unit>%|percentage points?\b|-?percent\b|per cent\b|pp\b|pts?\b)"),
    (PERCENT, rf"\b(?:{_FEW}|{_MANY})(?:-\w+)? (?P<unit>percent|per cent)\b"),
    (MONEY, rf"[¥$€£]\s?{_DIGITS}\s?(?:[kmb](?![a-z])|bn\b|thousand\b|million\b|billion\b)?(?:\+)?"),
    (
        MONEY,
        rf"{_EN_NUMBER}\s?(?:[kmb]|bn|thousand|million|billion)?\s?(?P<unit>yen|jpy|dollars|usd|euros?|"
        rf"eur|pounds|gbp)\b",
    ),
    (
        MONEY,
        rf"{_EN_NUMBER}\s?(?:m|million|bn|billion|k)(?![\w\-])(?= (?:in |of )?(?:revenue|sales|arr|mrr|"
        rf"profit|turnover|pipeline|bookings))",
    ),
    (COUNT, rf"{_NOT_OURS}{_EN_NUMBER}(?:k|m| thousand| million)?\+? {_SOME}{_THINGS}"),
    (COUNT, rf"{_EN_NUMBER}\s?(?:thousand|million|billion)\b"),
    (COUNT, rf"\b(?:(?:a|one|two|three|five|ten) )?{_MANY}\+? {_SOME}{_THINGS}"),
    (COUNT, rf"{_NOT_OURS}\b{_FEW} (?:(?:new|more|additional|further|other) )?{_THINGS}"),
    (COUNT, rf"\b{_MANY} (?:new|more|additional) [a-z]{{3,}}s\b"),
    (
        TIME,
        rf"\b(?:to|under|below|within|less than|at most) {_EN_NUMBER}\s?(?P<unit>hours?|hrs?|minutes?|"
        rf"mins?|seconds?)\b",
    ),
    (
        TIME,
        rf"(?:\bfrom {_DIGITS}(?: days| weeks)? )?\b(?:to|under|below|less than|at most) "
        rf"{_EN_NUMBER}\s?(?P<unit>(?:business |working )?days?|weeks?)\b",
    ),
    (
        SCORE,
        rf"\b(?:nps|csat|score|rating)(?: average)? (?:of |to |at |above |over |reaches "
        rf")?(?P<figure>{_DIGITS})(?!\w|%)(?: out of {_DIGITS}|/{_DIGITS})?",
    ),
    (SCORE, rf"{_EN_NUMBER} (?:out of|of) {_DIGITS}\b"),
)

_PATTERNS = {
    language: [(kind, re.compile(pattern, re.ASCII)) for kind, pattern in patterns]
    for language, patterns in (("ja", _JA), ("en", _EN))
}
_LONGEST = 1_000
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "億": 8, "兆": 12}
_KANJI_DIGITS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")}
# Below five, numerals in kanji are everyday words more often than amounts: 二人三脚, 三社祭.
_FEWEST_IN_KANJI = 5


@lru_cache(maxsize=REMEMBERED)
def find_amounts(text: str) -> tuple[Amount, ...]:
    """The measurable amounts in a text, in order. Only the first thousand characters are read.

    >>> [amount.text for amount in find_amounts("オンラインストアの売上を2倍に、会員を５０％増やす")]
    ['2倍', '５０％']
    >>> find_amounts("三か月でB2Bの一番店になり、一人ひとりに最高の一杯を届ける")
    ()
    >>> [amount.text for amount in find_amounts("Double revenue and win 50 new customers")]
    ['Double', '50 new customers']
    >>> find_amounts("Double down on B2B in FY2026 and think twice")
    ()
    """
    text = text[:_LONGEST]
    found = sorted(_all_amounts(text), key=lambda amount: (amount.start, -amount.end))
    kept: list[Amount] = []
    for amount in found:
        if not kept or amount.start >= kept[-1].end:
            kept.append(amount)
    return tuple(kept)


def _all_amounts(text: str) -> Iterator[Amount]:
    searched = level(text)
    for kind, pattern in _PATTERNS[JA if language_of(text) == JA else "en"]:
        for found in pattern.finditer(searched):
            amount = _amount_of(kind, found, text)
            if _is_measurable(amount, found):
                yield amount


def _amount_of(kind: str, found: re.Match[str], text: str) -> Amount:
    groups = found.groupdict()
    kanji, figure = groups.get("kanji"), groups.get("figure")
    value = number_in_kanji(kanji) if kanji else number_of(figure or "")
    if value is not None and groups.get("sign") == "-":
        value = -value
    if value is not None and groups.get("unit") == "割":
        value *= 10
    start = found.start("figure") if kind == SCORE else found.start()
    return Amount(start, found.end(), text[start : found.end()], kind, value, groups.get("unit") or "")


def _is_measurable(amount: Amount, found: re.Match[str]) -> bool:
    if amount.kind == MONEY and amount.value is not None:
        return not _is_coin_or_name(amount.value, found.string[found.end() :])
    if amount.kind != COUNT or amount.value is None:
        return True
    if re.search(r"\d\s?(?:k|m|thousand|million)\b", level(amount.text)):
        return True
    if found.groupdict().get("kanji"):
        return amount.value >= _FEWEST_IN_KANJI
    is_year = 1900 <= amount.value <= 2100 and "," not in amount.text and amount.text[:4].isdigit()
    return amount.value != 1 and not (is_year and amount.unit.isascii())


def _is_coin_or_name(value: Decimal, after: str) -> bool:
    """1円も無駄にしない, 100円ショップ, 500円玉."""
    is_of_a_name = re.match(r"[ァ-ヶ一-龥]", after) and not re.match(
        r"達成|突破|以上|以下|未満|規模|超|増|減|削|台|引き|値|上|下|安|高|アップ|ダウン", after
    )
    return value <= 1 or (value < 10_000 and bool(is_of_a_name))


def number_of(figure: str) -> Decimal | None:
    """The value of digits with 万, 億 and the like; None where there is none.

    >>> number_of("1,200"), number_of("1億2000万"), number_of("")
    (Decimal('1200'), Decimal('120000000'), None)
    """
    total, position = None, 0
    for part in re.finditer(rf"({_DIGITS})\s?({_SCALE})?", figure, re.ASCII):
        if part.start() != position:
            return None
        power = sum(_POWERS[sign] for sign in part[2] or "")
        try:
            total = (total or Decimal(0)) + Decimal(part[1].replace(",", "")).scaleb(power)
        except InvalidOperation:
            return None
        position = part.end()
    return total


def number_in_kanji(text: str) -> Decimal:
    """The value of a numeral: 二, 五十, 百二十, 三億.

    >>> number_in_kanji("五十"), number_in_kanji("百二十"), number_in_kanji("三億")
    (Decimal('50'), Decimal('120'), Decimal('300000000'))
    """
    total, section, digit = 0, 0, 0
    for sign in text:
        if sign in _KANJI_DIGITS:
            digit = _KANJI_DIGITS[sign]
        elif _POWERS[sign] < 4:
            section, digit = section + max(digit, 1) * 10 ** _POWERS[sign], 0
        else:
            total, section, digit = total + max(section + digit, 1) * 10 ** _POWERS[sign], 0, 0
    return Decimal(total + section + digit)

"""Better versions made from the writer's own words. Where a sentence would not come out whole, there is none."""

from __future__ import annotations

import re
from decimal import Decimal

from objectives.formulas.drafting.amounts import COUNT, FACTOR, PERCENT, Amount, find_amounts
from objectives.formulas.drafting.measures import find_word, is_falling
from objectives.formulas.drafting.text import JA, language_of, level, tidy
from objectives.formulas.drafting.vocabulary import (
    ACTS_AS_NOUN_JA,
    ACTS_EN,
    ACTS_JA,
    ACTS_OR_NOUNS_EN,
    OUTCOMES,
    PICTURES,
    RATES,
    SPANS_OF_TIME,
)

# Without its number

_CHOSEN = re.compile(
    r"(?:ストア|ショップ|店|店舗|サイト|カフェ|通販|商品|製品|サービス|ブランド|メニュー|便|豆|コーヒー|アプリ|教室|レストラン|"
    r"ホテル|旅館|宿|プラン|ec)$"
)
_SALES = re.compile(r"(?:売上|売り上げ|売上高|月商|年商|受注|注文|客数|来店客数|来店数|利用者|利用者数)$")
_LEAD_IN = re.compile(
    r"(?:[、,\s]|を|が|は|で|:|対?前年(?:同期|同月)?比|昨年比|前期比|昨対|年間|月間|毎月|月|年|平均|合計|約|最低|プラス|現状の|いまの|今の)+$"
)
_TAIL = re.compile(
    r"(?:以上|以下|以内|未満|超|程度|ほど|まで)?(?:に|へ|まで|を|の|も)?"
    r"(?P<verb>する|伸ばす|増やす|上げる|引き上げる|高める|拡大する|拡大させる|拡大|向上させる|向上する|向上|改善する|改善|増加させる|増加|"
    r"増|達成する|達成|突破する|突破|目指す|実現する|実現|到達する|アップする|アップさせる|アップ|up|減らす|下げる|引き下げる|"
    r"削減する|削減|短縮する|短縮|縮める|抑える|減|ダウン|なる|成長させる|成長|させる|)[。!]*$"
)
_DOWN_VERBS = ("減", "下げ", "引き下", "削減", "短縮", "縮め", "抑え", "ダウン")
_WINNING = re.compile(
    r"(?:獲得|開拓|採用|受注|契約|成約|確保|出店|開設|増やす|集める|募集|つくる|作る|育成|育てる)(?:する|し)?$"
)
_NOT_A_MEASURE = re.compile(r"[、。,!?！？]|を|して|から(?!の)|まで|たり|ながら|ため")


def without_number(title: str) -> str:
    """The objective without its one amount, as a person would say it, else empty.

    >>> without_number("オンラインストアの売上を2倍にする"), without_number("新規顧客を50社獲得する")
    ('オンラインストアが、もっと多くのお客さまに選ばれるようになる', '新規顧客を数多く獲得する')
    >>> without_number("解約率を5%以下にする"), without_number("Double our online sales")
    ('解約率を大きく下げる', "Take our online sales far beyond today's level")
    """
    title = tidy(title)
    amounts = find_amounts(title)
    if len(amounts) != 1:
        return ""
    made = _without_ja(title, amounts[0]) if language_of(title) == JA else _without_en(title, amounts[0])
    return made if made and not find_amounts(made) else ""


def _without_ja(title: str, amount: Amount) -> str:
    before, after = title[: amount.start], title[amount.end :]
    clause = re.match(
        r"[^、]{0,12}?(?:にし|増やし|伸ばし|し|上げ|高め|獲得し|達成し)(?:て、|、|て)(?P<rest>.{6,})$", after
    )
    if clause and "、" not in before:
        return clause["rest"]
    counted = re.match(r"の(?P<what>[^、。]{2,})$", after)
    if amount.kind == COUNT and counted and not re.search(r"[^、をがに]$", before):
        return f"{before}数多くの{counted['what']}" if before else f"多くの{counted['what']}"
    measure = measure_before(title, amount)
    if not measure:
        return ""
    lead = title[: before.rfind("、") + 1]
    if amount.kind == COUNT and _WINNING.match(after.removeprefix("を")):
        return f"{lead}{measure}を数多く{after.removeprefix('を')}"
    tail = _TAIL.fullmatch(level(after))
    if tail is None:
        return ""
    goes_down = tail["verb"].startswith(_DOWN_VERBS) or amount.text in ("半減", "半分") or is_falling(measure)
    return lead + _far_ja(measure, goes_down=goes_down)


def _far_ja(measure: str, *, goes_down: bool) -> str:
    owner, _, what = measure.rpartition("の")
    if not goes_down and owner and _SALES.search(what) and _CHOSEN.search(level(owner)):
        return f"{owner}が、もっと多くのお客さまに選ばれるようになる"
    if goes_down:
        if re.search(SPANS_OF_TIME[JA], measure) and not measure.endswith("残業"):
            return f"{measure}を大きく短縮する"
        return f"{measure}を大きく{'下げる' if re.search(RATES[JA], measure) else '減らす'}"
    if re.search(RATES[JA] + r"|(?:度|単価|スコア|nps|評価|認知|性|力)$", level(measure)):
        return f"{measure}を大きく高める"
    if re.search(r"(?:数|件数|顧客|お客[様さ]ま?|会員|フォロワー|客|問い合わせ|商談|取引先|受注|注文|契約)$", measure):
        return f"{measure}を大きく増やす"
    return f"{measure}を大きく伸ばす"


def measure_before(title: str, amount: Amount) -> str:
    """What an amount in a title is of, where that is plain: the noun before it.

    >>> title = "オンラインストアの売上を2倍にする"
    >>> measure_before(title, find_amounts(title)[0])
    'オンラインストアの売上'
    """
    if language_of(title) != JA:
        return _measure_en(title, amount)
    measure = _LEAD_IN.sub("", title[: amount.start]).strip()
    measure = re.sub(r"^.*、", "", measure)
    is_plain = 2 <= len(measure) <= 40 and not _NOT_A_MEASURE.search(measure)
    return measure if is_plain else ""


_OURS = r"(?:our |the |its |their )?"
_THING = r"(?P<thing>[A-Za-z][\w\-' &/]{2,60}?)"
_WHEN = r"(?: (?:by|in|within|before|until|this|next|during|over) .{2,40})?[.!]?"
_VERB_EN = (
    r"(?P<verb>increase|grow|raise|boost|improve|lift|expand|reach|achieve|reduce|cut|lower|decrease|bring down|"
    r"shrink|shorten|keep|bring|get|push|drive|drop|hit|make)"
)
_FALLING_VERBS = ("reduce", "cut", "lower", "decrease", "bring down", "shrink", "shorten", "drop")
_ENGLISH_SHAPES = (
    rf"^(?:doubl|tripl|quadrupl|halv)(?:e|ing) (?P<own>{_OURS}){_THING}{_WHEN}$",
    rf"^{_VERB_EN} (?P<own>{_OURS}){_THING}(?: from [^ ]+)? (?:by|to|below|above|under|over|past)? "
    rf"?AMOUNT(?: or (?:more|less|better))?{_WHEN}$",
    rf"^{_VERB_EN} AMOUNT (?:in|of) (?P<own>{_OURS}){_THING}{_WHEN}$",
)


def _shape_en(title: str, amount: Amount) -> tuple[str, str, bool] | None:
    """Whose, what, and whether it is to fall, in the few shapes that are certain."""
    marked = title[: amount.start] + "AMOUNT" + title[amount.end :]
    for shape, text in zip(_ENGLISH_SHAPES, (title, marked, marked), strict=True):
        found = re.match(shape, text.rstrip(), re.IGNORECASE)
        if found:
            groups = found.groupdict()
            verb = (groups.get("verb") or "").lower()
            falls = verb in _FALLING_VERBS or level(title).startswith("halv") or is_falling(groups["thing"])
            return groups["own"] or "", groups["thing"], falls
    return None


def _measure_en(title: str, amount: Amount) -> str:
    shape = _shape_en(title, amount)
    if shape:
        return shape[1]
    counted = re.fullmatch(r"[\d,+]+ ((?:[A-Za-z\-]+ ?){1,3})", amount.text)
    return counted[1] if counted and amount.kind == COUNT else ""


def _without_en(title: str, amount: Amount) -> str:
    shape = _shape_en(title, amount)
    if shape:
        own, thing, falls = shape
        return f"{'Bring' if falls else 'Take'} {own}{thing} far {'below' if falls else 'beyond'} today's level"
    counted = re.fullmatch(r"[\d,+]+ (.+)", amount.text)
    if amount.kind == COUNT and counted:
        return f"{title[: amount.start]}many {counted[1]}{title[amount.end :]}"
    return ""


def where_it_belongs(title: str, amount: Amount) -> str:
    """The amount as the way of a key result: from now to there. Empty where it is not plain what it is of.

    >>> title = "オンラインストアの売上を2倍にする"
    >>> where_it_belongs(title, find_amounts(title)[0])
    'オンラインストアの売上 現状 → 2倍'
    >>> title = "Double our online sales"
    >>> where_it_belongs(title, find_amounts(title)[0])
    'online sales: now → double'
    """
    title = tidy(title)
    measure = measure_before(title, amount)
    if not measure:
        return ""
    goal = tidy(amount.text)
    after = title[amount.end :]
    if amount.kind == PERCENT and (relative := _relative(title, amount)):
        goal = relative + goal.lstrip("+＋-－")
    elif language_of(title) == JA:
        edge = re.match(r"以上|以下|以内|未満", after)
        goal += edge[0] if edge else ""
    if language_of(title) == JA:
        counts_from_none = amount.kind == COUNT and _WINNING.match(after.removeprefix("を"))
        return f"{measure} {'0' if counts_from_none else '現状'} → {goal}"
    goal = {"doubling": "double", "halve": "half", "halving": "half", "in half": "half"}.get(goal.lower(), goal)
    if amount.kind == COUNT:
        return f"{measure}: 0 → {goal.split(' ')[0]}"
    return f"{measure}: now → {goal.lower() if amount.kind == FACTOR else goal}"


def _relative(title: str, amount: Amount) -> str:
    """The sign of a percentage that is added to what there is, empty for one that is to be reached.

    >>> title = "コストを20%削減する"
    >>> _relative(title, find_amounts(title)[0])
    '−'
    """
    before, after = level(title[: amount.start]), level(title[amount.end :])
    sign = level(amount.text)[:1]
    if re.match(r"(?:ほど|程度|以上)?(?:削減|減|下げ|引き下|カット|ダウン|短縮|抑)", after) or sign == "-":
        return "−"
    if re.match(r"(?:ほど|程度|以上)?(?:増|アップ|up|伸ば|向上|上げ|引き上|上昇|高め|改善|拡大)", after) or sign == "+":
        return "+"
    if before.endswith("by "):
        return "−" if re.match(rf"(?:{'|'.join(_FALLING_VERBS)})", before) else "+"
    return ""


# An act, and what comes of it


def act_in(title: str) -> str:
    """The act a title ends with (Japanese) or begins with (English) instead of what comes of it, else empty.

    >>> act_in("セミナーを開催する"), act_in("Hold a seminar"), act_in("受注率"), act_in("Launch revenue")
    ('開催する', 'Hold', '', '')
    """
    title = tidy(title).rstrip("。.!！")
    if language_of(title) == JA:
        found = re.search(
            rf"(?P<act>{ACTS_JA}(?:を)?(?:する|行う|実施する|完了する|進める|していく|させる|しきる))$", level(title)
        )
        if found is None:
            found = re.search(
                r"(?P<act>(?:作る|つくる|書く|始める|立ち上げる|使い始める|話し合う|呼びかける))$", level(title)
            )
        return title[found.start("act") :] if found else ""
    found = re.match(rf"(?:we will |to )?(?P<act>{ACTS_EN}) \S", level(title)) or re.match(
        rf"(?:we will |to )?(?P<act>{ACTS_OR_NOUNS_EN}) (?:a|an|the|our|all|new|\d+|two|three|four|five|"
        rf"six|ten|monthly|"
        rf"weekly|quarterly|daily|regular|at least|more|every|each)\b",
        level(title),
    )
    return title[found.start("act") : found.end("act")] if found else ""


def act_as_noun_in(title: str) -> str:
    """The act a Japanese title ends with as a noun: セミナーの開催, 新システム導入. Else empty.

    >>> act_as_noun_in("展示会への出展"), act_as_noun_in("新規導入"), act_as_noun_in("受注件数")
    ('出展', '', '')
    """
    found = re.search(rf"(?<!新規)(?P<act>{ACTS_AS_NOUN_JA})$", tidy(title))
    return found["act"] if found else ""


def outcome_of(title: str) -> str:
    """What could be counted after an act, from the writer's own words, else empty.

    >>> outcome_of("秋のセミナーを4回開催する"), outcome_of("Hold three webinars for dentists")
    ('秋のセミナー経由の商談 → __件', 'Deals from the webinars for dentists → __')
    """
    title = tidy(title).rstrip("。.!！")
    language = language_of(title)
    thing = _object_ja(title) if language == JA else _object_en(title)
    shape = find_word(OUTCOMES[language], thing) if thing else ""
    return shape.format(what=thing) if shape else ""


def _object_ja(title: str) -> str:
    for amount in reversed(find_amounts(title)):
        title = title[: amount.start] + title[amount.end :]
    found = re.search(r"(?P<thing>[^をがはに、]{2,25})を", title) or re.match(
        rf"(?P<thing>[^をがはに、]{{2,25}}?)(?:への|の)?{ACTS_JA}(?:する)?$", title
    )
    return re.sub(r"^(?:毎[月週年日]|月\s?に?|週\s?に?|全社で|の)+", "", found["thing"]).strip() if found else ""


def _object_en(title: str) -> str:
    found = re.match(
        rf"(?:we will |to )?(?:{ACTS_EN}|{ACTS_OR_NOUNS_EN}) "
        r"(?:(?:at least|a|an|the|our|all|two|three|four|five|six|ten|\d+|monthly|weekly|quarterly|regular) )*"
        r"(?P<thing>[\w\-' ]{3,50}?)(?: (?:by|in|before|until|every|per|each|this|next) .*)?$",
        title,
        re.IGNORECASE,
    )
    is_of_people = level(title).startswith(("train ", "call ", "visit "))
    return f"the {found['thing']}" if found and not is_of_people else ""


def picture_of(title: str) -> str:
    """A picture of a state in place of an effort, for what many wish for; else empty.

    >>> picture_of("顧客満足度の向上"), picture_of("Strengthen our brand")
    ('お客さまが、知り合いに薦めたくなる会社になる', 'We are the first name that comes to mind')
    """
    return find_word(PICTURES[language_of(title)], tidy(title))


def last_clause(title: str, *, longest: int) -> str:
    """What a long objective comes to: its last clause in Japanese, its first in English; empty where that is none.

    >>> last_clause("お客さまの声を聞き、商品を磨き、地域で真っ先に思い出される店になる", longest=45)
    '地域で真っ先に思い出される店になる'
    """
    title = tidy(title)
    if language_of(title) == JA:
        clause = re.split(r"[、。]", title.rstrip("。"))[-1].strip()
        return clause if 8 <= len(clause) <= longest and re.search(r"[ぁ-ん]$", clause) else ""
    clause = re.split(r"[,;]| and | so that | while | by (?=\w+ing\b)", title)[0].strip()
    return clause if 4 <= len(clause.split()) <= longest else ""


# Numbers as the writer would say them


def said(value: Decimal, unit: str, language: str) -> str:
    """A value with its unit in the language of the text, every digit of it.

    >>> said(Decimal("30"), "件", "ja"), said(Decimal("1200"), "deals", "en"), said(Decimal("25"), "%", "en")
    ('30件', '1,200 deals', '25%')
    """
    figure = f"{value:,f}"
    figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
    unit = unit.strip()
    if unit in ("$", "€", "£", "¥", "￥"):
        return f"{unit}{figure}"
    return f"{figure}{'' if language == JA or unit in ('%', '％', '') else ' '}{unit}"

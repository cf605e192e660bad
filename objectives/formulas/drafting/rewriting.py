"""Better versions made from the writer's own words. Where a sentence would not come out whole, there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from objectives.formulas.drafting.amounts import Amount, find_amounts
from objectives.formulas.drafting.measures import find_word, is_falling
from objectives.formulas.drafting.text import JA, language_of, level, tidy
from objectives.formulas.drafting.vocabulary.amounts import COUNT, FACTOR, PERCENT
from objectives.formulas.drafting.vocabulary.key_results import (
    ACTS_AS_NOUN_EN,
    ACTS_AS_NOUN_JA,
    ACTS_EN,
    ACTS_JA,
    ACTS_OR_NOUNS_EN,
    DOINGS_JA,
    GATHERINGS_EN,
    OUTCOMES,
    WON_JA,
)
from objectives.formulas.drafting.vocabulary.measures import RATES, SPANS_OF_TIME
from objectives.formulas.drafting.vocabulary.objectives import PICTURES

# Without its number

_CHOSEN = re.compile(
    r"(?:ストア|ショップ|店|店舗|サイト|カフェ|通販|商品|製品|サービス|ブランド|メニュー|便|豆|コーヒー|アプリ|教室|レストラン|"
    r"ホテル|旅館|宿|プラン|ec)$"
)
_SALES = re.compile(r"(?:売上|売り上げ|売上高|月商|年商|受注|注文|客数|来店客数|来店数|利用者|利用者数)$")
_LEAD_IN = re.compile(
    r"(?:[、,\s]|を|が|は|で|:|対?前年(?:同期|同月)?比|昨年比|前期比|昨対|年間|月間|毎月|月|年|平均|合計|(?<![一-龥])約|最低|プラス|現状の|いまの|今の)+$"
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
    ('オンラインストアが、もっと多くのお客さまに選ばれるようになる', 'はじめてのお客さまに、真っ先に選ばれる会社になる')
    >>> without_number("解約率を5%以下にする"), without_number("Double our online sales")
    ('解約率を大きく下げる', "Grow our online sales well beyond today's level")
    """
    title = tidy(title)
    amount = only_amount(title)
    if amount is None:
        return ""
    made = _without_ja(title, amount) if language_of(title) == JA else _without_en(title, amount)
    return made if made and not find_amounts(made) else ""


def only_amount(title: str) -> Amount | None:
    """The one amount of a title; two that are a way (15%から25%, from 15% to 25%) are one. None for none or several.

    >>> only_amount("解約率を15%から5%に下げる")
    Amount(start=4, end=11, text='5%', kind='percent', value=Decimal('5'), unit='%', origin='15%')
    """
    amounts = find_amounts(title)
    if len(amounts) == 2 and re.fullmatch(r"\s?(?:から|→|〜|to)\s?", level(title[amounts[0].end : amounts[1].start])):
        start = amounts[0].start - (5 if title[: amounts[0].start].lower().endswith("from ") else 0)
        return replace(amounts[1], start=start, origin=amounts[0].text)
    way = re.search(r"\bfrom ([\d.,]+%?) to $", title[: amounts[0].start], re.IGNORECASE) if len(amounts) == 1 else None
    if way:
        return replace(amounts[0], start=way.start(), origin=way[1])
    whole = re.fullmatch(r"([\d.,]+) to ([\d.,]+)", amounts[0].text) if len(amounts) == 1 else None
    if whole:
        return replace(amounts[0], start=amounts[0].start - len("from "), text=whole[2], origin=whole[1])
    return amounts[0] if len(amounts) == 1 else None


def _without_ja(title: str, amount: Amount) -> str:
    before, after = title[: amount.start], title[amount.end :]
    clause = re.match(
        r"[^、]{0,12}?(?:にし|増やし|伸ばし|し|上げ|高め|獲得し|達成し)(?:て、|、|て)(?P<rest>.{6,})$", after
    )
    if clause and "、" not in before:
        return clause["rest"]
    counted = re.match(r"の(?P<what>[^、。]{2,})$", after)
    is_sentence = counted is not None and re.search(r"[うくすつぬむるぐぶい]$", counted["what"])
    if amount.kind == COUNT and counted and is_sentence and not re.search(r"[^、をがに]$", before):
        return f"{before}数多くの{counted['what']}" if before else f"多くの{counted['what']}"
    measure = measure_before(title, amount)
    if not measure:
        return ""
    lead = title[: before.rfind("、") + 1]
    if amount.kind == COUNT and re.search(r"新規(?:の)?(?:顧客|お客[様さ]ま?|取引先|会員)$", measure):
        return f"{lead}はじめてのお客さまに、真っ先に選ばれる会社になる"
    if amount.kind == COUNT and _WINNING.match(after.removeprefix("を")):
        return f"{lead}{measure}を数多く{after.removeprefix('を')}"
    tail = _TAIL.fullmatch(level(after))
    if tail is None:
        return ""
    goes_down = tail["verb"].startswith(_DOWN_VERBS) or amount.text in ("半減", "半分") or is_falling(measure)
    return lead + _far_ja(measure, goes_down=goes_down)


def _far_ja(measure: str, *, goes_down: bool) -> str:
    owner, _, what = measure.rpartition("の")
    if not goes_down and _SALES.search(what):
        if _CHOSEN.search(level(owner)):
            return f"{owner}が、もっと多くのお客さまに選ばれるようになる"
        if re.search(r"(?:法人|個人|海外|国内|県外|道外|地元|若い世代)$", owner):
            return f"{owner}のお客さまに、もっと選ばれる会社になる"
        if not owner or owner in ("自社", "当社", "会社", "全社"):
            return "もっと多くのお客さまに選ばれる会社になる"
    if goes_down:
        if re.search(SPANS_OF_TIME[JA], measure) and not measure.endswith("残業"):
            return f"{measure}を大きく短縮する"
        return f"{measure}を大きく{'下げる' if re.search(RATES[JA], measure) else '減らす'}"
    if re.search(RATES[JA] + r"|(?:度|単価|スコア|nps|評価|認知|性|力)$", level(measure)):
        return f"{measure}を大きく高める"
    if re.search(
        r"(?:数|件数|顧客|お客[様さ]ま?|会員|ファン|フォロワー|客|問い合わせ|商談|取引先|受注|注文|契約|成約)$", measure
    ):
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
    measure = _LEAD_IN.sub("", title[: amount.start]).strip().removesuffix("の")
    measure = re.sub(r"^.*、|(?<=[上益])目標$", "", measure)
    is_plain = 2 <= len(measure) <= 40 and measure[-1] not in "にへでとも" and not _NOT_A_MEASURE.search(measure)
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
    rf"^(?P<own>{_OURS}){_THING} (?P<way>up|down)(?: by)? AMOUNT{_WHEN}$",
    rf"^{_VERB_EN} AMOUNT (?:in|of) (?P<own>{_OURS}){_THING}{_WHEN}$",
)


def _shape_en(title: str, amount: Amount) -> tuple[str, str, bool] | None:
    """Whose, what, and whether it is to fall, in the few shapes that are certain."""
    marked = title[: amount.start] + "AMOUNT" + title[amount.end :]
    for shape, text in zip(_ENGLISH_SHAPES, (title, marked, marked, marked), strict=True):
        found = re.match(shape, text.rstrip(), re.IGNORECASE)
        if found:
            groups = found.groupdict()
            if groups.get("way") and amount.kind not in (PERCENT, FACTOR):
                continue
            verb = (groups.get("verb") or "").lower()
            falls = verb in _FALLING_VERBS or level(title).startswith("halv") or is_falling(groups["thing"])
            thing = re.sub(r" (?:down|up)$", "", groups["thing"])
            return groups["own"] or "", thing, falls or groups["thing"].endswith(" down") or groups.get("way") == "down"
    return None


def _measure_en(title: str, amount: Amount) -> str:
    shape = _shape_en(title, amount)
    if shape:
        return shape[1]
    counted = re.fullmatch(r"[\d,+]+ ((?:[A-Za-z\-]+ ?){1,3})", amount.text)
    return counted[1] if counted and amount.kind == COUNT else ""


_CHOOSERS_EN = (
    r"(?:customers|clients|guests|companies|users|members|readers|distributors|dealers|subscribers|partners|patients|"
    r"students|families|visitors)"
)
_RAISED_EN = r"\b(?:rate|nps|csat|satisfaction|score|rating|share|retention|margin)$"


def _without_en(title: str, amount: Amount) -> str:
    shape = _shape_en(title, amount)
    if shape:
        own, thing, falls = shape
        if falls:
            return f"Bring {own}{thing} well below today's level"
        if re.fullmatch(r"(?:sales |revenue )?(?:quota|targets?|goals?|budget|plan)", level(thing)):
            return "Become the company more customers choose"
        verb = "Raise" if re.search(_RAISED_EN, level(thing)) else "Grow"
        return f"{verb} {own}{thing} well beyond today's level"
    counted = re.fullmatch(rf"[\w,+]+ ((?:new )?{_CHOOSERS_EN})", amount.text)
    is_won = re.fullmatch(r"(?:win|gain|acquire|attract|sign(?: up)?|get|find) ", level(title[: amount.start]))
    return f"Become the first choice of {counted[1]}" if counted and is_won else ""


def bare_measure(title: str) -> str:
    """A title without the verb that moves it: 出願件数を増やす is about 出願件数. Empty where it is no measure.

    >>> bare_measure("出願件数を増やす"), bare_measure("Increase filings"), bare_measure("Win rate")
    ('出願件数', 'Filings', 'Win rate')
    """
    title = tidy(title)
    if act_in(title):
        return ""
    if language_of(title) == JA:
        measure, _, verb = title.partition("を")
        return measure if not verb or _TAIL.fullmatch(level(verb)) else ""
    found = re.match(rf"{_VERB_EN} (?P<thing>.+)", title, re.IGNORECASE)
    return found["thing"][:1].upper() + found["thing"][1:] if found else title


def where_it_belongs(title: str) -> str:
    """The amount of a title as the way of a key result: from now to there. Empty where it is not plain what it is of.

    >>> where_it_belongs("オンラインストアの売上を2倍にする"), where_it_belongs("解約率を15%から5%に下げる")
    ('オンラインストアの売上 現状 → 2倍', '解約率 15% → 5%')
    >>> where_it_belongs("Double our online sales"), where_it_belongs("Grow our team from 10 to 20")
    ('online sales: now → double', 'team: 10 → 20')
    """
    title = tidy(title)
    amount = only_amount(title) or next(iter(find_amounts(title)), None)
    measure = measure_before(title, amount) if amount else ""
    if amount is None or not measure:
        return ""
    goal, after = tidy(amount.text), title[amount.end :]
    if amount.kind == PERCENT and (relative := sign_of(title, amount)):
        goal = relative + goal.lstrip("+＋-－")
    elif language_of(title) == JA:
        edge = re.match(r"以上|以下|以内|未満", after)
        goal += edge[0] if edge else ""
    is_from_none = amount.kind == COUNT and not is_falling(measure)
    if language_of(title) == JA:
        is_from_none = is_from_none and bool(_WINNING.match(after.removeprefix("を")))
        return f"{measure} {amount.origin or ('0' if is_from_none else '現状')} → {goal}"
    if goal.lower().startswith("by "):
        return ""
    goal = {"doubling": "double", "halve": "half", "halving": "half", "in half": "half"}.get(goal.lower(), goal)
    goal = goal.split(" ")[0] if amount.kind == COUNT else goal.lower() if amount.kind == FACTOR else goal
    return f"{measure}: {amount.origin or ('0' if is_from_none else 'now')} → {goal}"


def sign_of(title: str, amount: Amount) -> str:
    """The sign of a percentage that is added to what there is, empty for one that is to be reached.

    >>> title = "コストを20%削減する"
    >>> sign_of(title, find_amounts(title)[0])
    '−'
    """
    before, after = level(title[: amount.start]), level(title[amount.end :])
    sign = level(amount.text)[:1]
    if re.match(r"(?:ほど|程度|以上)?(?:削減|減|下げ|引き下|カット|ダウン|短縮|抑)", after) or sign == "-":
        return "−"
    if re.match(r"(?:ほど|程度|以上)?(?:増|アップ|up|伸ば|向上|上げ|引き上|上昇|高め|改善|拡大)", after) or sign == "+":
        return "+"
    if before.endswith(("up ", "down ")):
        return "−" if before.endswith("down ") else "+"
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
    searched = level(title)
    if language_of(title) == JA:
        found = _ACT_JA.search(searched)
        is_made = found is not None and found["act"].startswith(("開発", "を作", "をつく", "募集", "登録"))
        is_won = is_made and found is not None and re.search(WON_JA, title[: found.start()].removesuffix("を"))
        return title[found.start("act") :] if found and not is_won else ""
    found = next((found for shape in _ACTS_EN if (found := shape.match(searched))), None)
    return title[found.start("act") : found.end("act")] if found else ""


_ACT_JA = re.compile(
    rf"(?P<act>{ACTS_JA}を?(?:する|行う|行なう|実施する|完了する|進める|していく|させる|しきる)|{DOINGS_JA}|を.{{0,10}}(?:配る|やる|書く|送る))$"
)
_COUNTS_EN = r"(?:numbers|rates|times|volumes|costs|wins|results|scores|counts|shares)\b"
_ACTS_EN = (
    re.compile(rf"(?:we will |to )?(?P<act>{ACTS_EN}) \S"),
    re.compile(
        rf"(?:we will |to )?(?P<act>{ACTS_OR_NOUNS_EN}) (?:an?|the|our|all|new|\d+|two|three|four|five|six|ten|monthly|"
        r"weekly|quarterly|daily|regular|at least|more|every|each)\b"
    ),
    re.compile(r"(?P<act>hire) an? \S"),
    re.compile(r"(?P<act>(?:start|begin|keep|continue) [a-z]+ing) \S"),
    # Run supplier surveys, but not: Run rate of subscriptions, Host cancellations.
    re.compile(rf"(?P<act>run|hold|host) (?:[a-z\-]+ ){{0,2}}{GATHERINGS_EN}\b"),
    re.compile(rf"(?P<act>send|visit|draft|print|interview|contact) (?:[a-z\-]+ ){{0,2}}(?!{_COUNTS_EN})[a-z\-]+s$"),
)


def act_as_noun_in(title: str) -> str:
    """The act a title names as a noun: セミナーの開催, 新システム導入, Preparation of interviews. Else empty.

    >>> act_as_noun_in("展示会への出展"), act_as_noun_in("新規導入"), act_as_noun_in("受注件数")
    ('出展', '', '')
    >>> act_as_noun_in("Preparation of interviews")
    'Preparation'
    """
    title = tidy(title)
    if language_of(title) != JA:
        found = re.match(rf"(?P<act>{ACTS_AS_NOUN_EN}) of ", level(title))
        return title[: found.end("act")] if found else ""
    found = re.search(rf"(?<!新規)(?P<act>{ACTS_AS_NOUN_JA})$", title)
    return found["act"] if found else ""


_NOT_FOR_CUSTOMERS_JA = r"参加する|出席する|社内|チーム|特許|安全|朝礼|仕入"


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
    if re.search(_NOT_FOR_CUSTOMERS_JA, title):
        return ""
    for amount in reversed(find_amounts(title)):
        title = title[: amount.start] + title[amount.end :]
    found = re.search(r"(?P<thing>[^をがはに、]{2,25})を", title) or re.match(
        rf"(?P<thing>[^をがはに、]{{2,25}}?)(?:への|の)?{ACTS_JA}(?:する)?$", title
    )
    thing = re.sub(r"^(?:毎[月週年日]|月\s?に?|週\s?に?|全社で|の)+", "", found["thing"]) if found else ""
    return re.sub(rf"(?:への|の)?{ACTS_JA}$|の英訳$", "", thing).strip() or thing


def _object_en(title: str) -> str:
    found = re.match(
        rf"(?:we will |to )?(?:{ACTS_EN}|{ACTS_OR_NOUNS_EN}) "
        r"(?:(?:at least|a|an|the|our|all|two|three|four|five|six|ten|\d+|monthly|weekly|quarterly|regular) )*"
        r"(?P<thing>[\w\-' ]{3,50}?)(?: (?:by|in|before|until|every|per|each|this|next) .*)?$",
        title,
        re.IGNORECASE,
    )
    is_other = level(title).startswith(("train ", "call ", "visit ", "attend ", "participate "))
    is_inside = re.search(r"\b(?:team|internal|staff|safety|patent|supplier)\b", level(title))
    return f"the {found['thing']}" if found and not is_other and not is_inside else ""


def picture_of(title: str) -> str:
    """A picture of a state in place of an effort, for what many wish for; else empty.

    >>> picture_of("顧客満足度の向上"), picture_of("Strengthen our brand")
    ('お客さまが、知り合いに薦めたくなる会社になる', 'We are the first name that comes to mind')
    """
    return find_word(PICTURES[language_of(title)], tidy(title))


def picture_within(title: str, *, longest: int) -> str:
    """The part of a long objective that holds its picture: what they want to become or to be; empty without one.

    >>> picture_within("お客さまの声を聞き、商品を磨き、地域で真っ先に思い出される店になる", longest=45)
    '地域で真っ先に思い出される店になる'
    """
    title = tidy(title)
    if language_of(title) == JA:
        clauses = [clause.strip() for clause in re.split(r"[、。]", title)]
        return next((one for one in clauses if 8 <= len(one) <= longest and re.search(_PICTURE_JA, one)), "")
    found = re.search(r"\b(?:become|be|build) (?:an?|the) (?:[\w\-]+ ){1,3}[^,;.]{8,}", title, re.IGNORECASE)
    part = re.split(r"(?: and| while| so that| in order to)\b", found[0])[0] if found else ""
    return part[:1].upper() + part[1:] if 5 <= len(part.split()) <= longest else ""


_PICTURE_JA = (
    r"(?:会社|店|病院|組織|チーム|工場|職場|ブランド|宿|場|街|町|存在|相手|パートナー|会社|企業|事務所|学校|サービス|商店)"
    r"(?:になる|をつくる|を作る|にする|に変える|であり続ける|へ)$"
)


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

"""The shapes of amounts in a sentence, and what only looks like one; looked for in levelled text."""

from __future__ import annotations

import re

from objectives.formulas.drafting.text import EN, JA, any_of

FACTOR, PERCENT, MONEY, COUNT, TIME, SCORE = "factor", "percent", "money", "count", "time", "score"

DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
# A number that is not the end of a name or of another number.
_ALONE = r"(?<![\d.,#/\-])(?<!第)(?<!no\.)(?<!no\. )"
SCALE = r"(?:[百千]?[万億兆]|[百千])"
_NUMBER = rf"{_ALONE}(?P<sign>[+\-]?)(?P<figure>{DIGITS}(?:\s?{SCALE}(?:{DIGITS}{SCALE})*)?)"
_KANJI = "一二三四五六七八九十百千"

# What is counted, and what must not follow, because it makes another word of it.
COUNTERS = {
    "社": "(?!員|長|内|会|風)",
    "件": "(?!名|費)",
    "人": "(?!いれば|\\d+色|に[一1]人|前|気|称|材|間|ひとり|三脚|十色|百様|一首|力|目)",
    "名": "(?!所|産|物|前|刺|古|様)",
    "個": "(?!人|性|別)",
    "本": "(?!社|格|気|部|店|来|質|当|日|柱|の柱|の矢|音)",
    "回": "(?!転|答|線|避|復|収)",
    "店": "(?!舗|長|員|頭|主)",
    "台": "(?!風|所|帳|湾|頭|目)",
    "枚": "",
    "冊": "",
    "点": "(?!満点|検|火|在|字|セット)",
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
_NOT_RANKED = r"(?<![a-z])(?<!上位)(?<!トップ)(?<!ベスト)(?<!top)(?<!top )"
_PEOPLE = "人(?!前|に[一1]人|十色|百様|力|一首|三脚)"
_SPANS = "時間|分|秒|営業日|日|週間|[かカヶヵ]月"
_SCORED = r"(?:nps|満足度|スコア|評価)(?:の?平均)?"

_JA: tuple[tuple[str, str], ...] = (
    (FACTOR, rf"{_NUMBER}\s?(?P<unit>倍増|倍)(?!率|数|速)"),
    (FACTOR, r"(?<![人一元勇][気一])(?<!さ)(?P<kanji>[二三四五六七八九十百千]+)(?P<unit>倍増|倍)(?!率|数)"),
    (FACTOR, r"(?<![一二三四五六七八九十百千万\d何数人])(?:倍増|倍(?=に|へ|以上|を目指))"),
    (FACTOR, r"半減|半分(?=に|へ|以下|まで|とす|$)"),
    (FACTOR, r"\d+分の\d+|[二三四五六七八九十]分の[一二三四五六七八九]|(?<!\d)1/\d+(?=に|へ|以下)"),
    (PERCENT, rf"(?!{_WHOLLY}){_NUMBER}\s?(?P<unit>%|パーセント|ポイント|pt(?![a-z])){_IDIOM}"),
    (PERCENT, rf"{_NUMBER}(?P<unit>割)(?!合|引|れ|り)"),
    (PERCENT, r"(?P<kanji>[一二三四五六七八九])(?P<unit>割)(?!合|引|れ|り|烹|勘|く|い|っ)"),
    (MONEY, rf"[¥$€£]\s?{DIGITS}\s?(?:[kmb](?![a-z])|{SCALE})?"),
    (MONEY, rf"{_NUMBER}\s?(?P<unit>円|ドル|ユーロ)(?!卓|滑|満|高|安|形|盤)"),
    (MONEY, rf"(?P<kanji>[{_KANJI}]+[万億兆][{_KANJI}万]*)(?P<unit>円)"),
    (MONEY, r"(?P<kanji>[二三四五六七八九]?[百千][一二三四五六七八九百]*)(?P<unit>円)"),
    (COUNT, rf"{_NOT_RANKED}{_NUMBER}\s?(?P<unit>{_COUNTER}){_NOT_ORDINAL}"),
    (COUNT, rf"{_NUMBER}(?<=[万億兆])(?!全|一|総|年|歳|時間)"),
    (COUNT, rf"(?<![第上位])(?P<kanji>[{_KANJI}]+[万億]?)(?P<unit>社|件|店舗|拠点|名|組(?!織|み)|{_PEOPLE})"),
    (TIME, rf"{_NUMBER}\s?(?P<unit>時間|分|秒|営業日)(?=以内|以下|未満|を切|より早)"),
    (TIME, rf"{_NUMBER}\s?(?P<unit>{_SPANS})(?=(?:以下|未満|以内)?(?:に|へ|まで|も|ほど|程度)?{_SHORTER})"),
    (TIME, rf"(?<=を){_NUMBER}\s?(?P<unit>時間|分|秒|営業日|日)(?=に|へ|以下|まで|未満)"),
    (SCORE, r"(?P<figure>(?:[一二三2-9]|ひと|ふた)(?:桁|ケタ|けた))(?!違)"),
    (SCORE, rf"(?:数|人数|件数)を(?P<figure>(?<![\d.,]){DIGITS})(?=に|へ|まで|以上)"),
    (SCORE, rf"{_SCORED}(?:を|が|は|で|:)?\s?(?P<figure>(?<![\d.,]){DIGITS})(?=に|を|以上|へ|超|達|まで|$|\s)"),
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
_EN_NUMBER = rf"(?<![\d.,#/a-z\-]){_NAMED}(?P<sign>[+\-]?)(?P<figure>{DIGITS})"
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
_OTHER_DOUBLES = (
    r"(?:down|check|shot|espresso|up|opt|digit|entry|blind|rooms?|standards?|duty|act|bind|edged|whammy|take|team)"
)
_WHOLLY_EN = r"(?:committed|focused|dedicated|sure|honest|organic)"
_OFTEN = r"(?:an?|per|each|every|in|daily|weekly|monthly|yearly|the (?:joy|fun|love|heart))"
_WHOLE_HALVES = r"(?<!first )(?<!second )(?<!other )(?<!latter )(?<!better )"
_BY_WHEN = r"(?:by|in|this|next|within)"
_CURRENCIES = r"yen|jpy|dollars|usd|euros?|eur|pounds|gbp"
_EARNINGS = r"(?:revenue|sales|arr|mrr|profit|turnover|pipeline|bookings)"
_AT_MOST = r"to|under|below|less than|at most"
_SCORED_EN = r"\b(?:nps|csat|score|rating)(?: average)? (?:of |to |at |above |over |reaches )?"

_EN: tuple[tuple[str, str], ...] = (
    (FACTOR, rf"{_EN_NUMBER}\s?(?P<unit>x|×|-?fold|times)(?![a-z0-9\-])(?! (?:a|per|each|every|in) )"),
    (FACTOR, r"\b(?:two|three|four|five|six|ten|hundred)-?fold\b"),
    (FACTOR, rf"\bdoubl(?:e|es|ed|ing)\b(?!-)(?! {_OTHER_DOUBLES}\b)"),
    (FACTOR, r"\b(?:tripl|quadrupl|halv)(?:e|es|ed|ing)\b(?!-)(?! (?:play|crown|jump|threat|bottom))"),
    (FACTOR, rf"(?<!think )(?<!once or )\b(?:twice|(?:three|four|five|ten) times)\b(?! {_OFTEN}\b)(?= )"),
    (FACTOR, r"\b(?:by|in|to) half\b"),
    (FACTOR, rf"{_WHOLE_HALVES}\bhalf (?:of|as)\b(?! (?:the |this |next )?(?:year|fiscal|fy|20\d\d|many of))"),
    (FACTOR, r"\bby (?:a|one) (?:third|quarter|fifth|tenth)\b|\b(?:one|a) third of\b"),
    (FACTOR, rf"\b(?:one|{_FEW}) (?:out of|in) (?:{_FEW}|ten|twenty|hundred)\b"),
    (FACTOR, r"\btwo thirds of\b|\bthree quarters of\b|\ba quarter of (?!the )"),
    (PERCENT, rf"(?<=[a-z])(?P<figure>{DIGITS})(?P<unit>%)"),
    (PERCENT, rf"{_PURE}{_EN_NUMBER}\s?(?P<unit>%|percentage points?\b|-?percent\b|per cent\b|pp\b|pts?\b)"),
    (
        PERCENT,
        rf"\b(?:{_FEW}|{_MANY})(?:-\w+)? (?P<unit>percent|per cent)\b(?! {_WHOLLY_EN})",
    ),
    (MONEY, rf"[¥$€£]\s?{DIGITS}\s?(?:[kmb](?![a-z])|bn\b|thousand\b|million\b|billion\b)?(?:\+)?"),
    (MONEY, rf"{_EN_NUMBER}\s?(?:[kmb]|bn|thousand|million|billion)?\s?(?P<unit>{_CURRENCIES})\b"),
    (MONEY, rf"{_EN_NUMBER}\s?(?:m|million|bn|billion|k)(?![\w\-])(?= (?:in |of )?{_EARNINGS})"),
    (COUNT, rf"\b{_FEW} (?!days a week)[a-z\-]+s (?:a|per|every|each) (?:day|week|month|quarter|year)\b"),
    (COUNT, rf"{_EN_NUMBER} (?:new|more|additional) [a-z]{{3,}}s\b"),
    (COUNT, rf"{_NOT_OURS}{_EN_NUMBER}(?:k|m| thousand| million)?\+? {_SOME}{_THINGS}"),
    (COUNT, rf"{_EN_NUMBER}\s?(?:thousand|million|billion)\b"),
    (COUNT, rf"(?<!out of )\b(?:(?:a|one|two|three|five|ten) )?{_MANY}\+? {_SOME}{_THINGS}"),
    (COUNT, rf"{_NOT_OURS}\b{_FEW} (?:(?:new|more|additional|further|other) )?{_THINGS}"),
    (COUNT, rf"\b{_MANY} (?:new|more|additional) [a-z]{{3,}}s\b"),
    (TIME, rf"\b(?:within|{_AT_MOST}) {_EN_NUMBER}\s?(?P<unit>hours?|hrs?|minutes?|mins?|seconds?)\b"),
    (TIME, rf"\b(?:{_AT_MOST}) {_EN_NUMBER}\s?(?P<unit>(?:business |working )?days?|weeks?)\b"),
    (SCORE, rf"\bfrom (?!9 to 5\b)(?!20\d\d\b)(?P<figure>{DIGITS} to {DIGITS})(?=$|[.,!]| {_BY_WHEN}\b)"),
    (SCORE, r"(?P<figure>\b\d\.\d)-star\b"),
    (SCORE, r"\b(?P<figure>(?:single|double|triple)-digit)\b"),
    (SCORE, rf"{_SCORED_EN}(?P<figure>{DIGITS})(?!\w|%)(?: out of {DIGITS}|/{DIGITS})?"),
    (SCORE, rf"{_EN_NUMBER} (?:out of|of) {DIGITS}\b"),
)

PATTERNS = {
    language: [(kind, re.compile(pattern, re.ASCII)) for kind, pattern in patterns]
    for language, patterns in ((JA, _JA), (EN, _EN))
}

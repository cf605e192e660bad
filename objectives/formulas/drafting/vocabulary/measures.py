"""What measures are called, which way is better for them, and how far they can go."""

from __future__ import annotations

import re

from objectives.formulas.drafting.text import EN, JA

# Rates that cannot pass 100 %, however well things go.
BOUNDED_RATES_JA = (
    r"(?:受注|成約|商談化|アポ|cv|転換|コンバージョン|継続|解約|離職|誤|定着|満足|出席|参加|入力|開封|クリック|返信|回答|"
    r"(?:アンケート|調査票)の?回収|リピート|再来店|再来|再購入|不良|合格|取得|受講|利用|遵守|正答|占有|廃棄|返品|欠品|遅延|認知|普及|利益|粗利|"
    r"歩留まり?|完了|推奨|直帰|離脱|良品|納期遵守|チャーン|リテンション|提案|紹介|有給消化|有給取得|内定承諾|承諾|空室|入居)"
    r"率|満足度|シェア|割合|cvr|ctr"
)
BOUNDED_RATES_EN = (
    r"\b(?:win|close|closing|conversion|churn|retention|open|click|click-through|response|reply|attendance|defect|error|"
    r"completion|adoption|pass|repeat|repurchase|on-time|on-time delivery|bounce|approval|acceptance|occupancy|"
    r"satisfaction|participation|return|cart abandonment|renewal) rate\b|\bmarket share\b|\bshare of\b|"
    r"\bprofit margin\b|"
    r"\bgross margin\b|\bchurn\b|\bctr\b|\bcvr\b"
)
# People or things with something in common: a share of all of them.
SHARES_EN = (
    r"\b(?:resolution|answered|resolved|closed|completed|delivered|finished|shipped|fixed|using|with an?|who|that|"
    r"within|on time|let|sold|filled|booked|trained|paid|first[- ](?:time|call|contact))\b"
)
SHARES_JA = r"(?:以内|までに|期限内|当日中|した|できた|している|できる|済みの?).{0,12}$"
# What goes beyond 100 % by its nature: compared with something else.
COMPARED = (
    r"比(?!率)|前年|昨年|去年|昨対|予算|計画に|達成率|成長率|伸び率|増加率|稼働率|回転率|roi|roas|net "
    r"(?:revenue )?retention|nrr|growth|"
    r"compared|versus|\bvs\b|of last|of plan|of target|attainment"
)
# Words that call a percentage a share.
NAMED_A_SHARE = r"率|割合|\b(?:rate|share|percentage|proportion)\b"
# What may be counted in per cent of something else, and so pass 100.
UNBOUNDED = (
    r"(?:数|量|額|訪問|売上|売り上げ|利益|件|時間|単価|会員|フォロワー|注文|受注|商談|客|生産性|指数|進捗|"
    r"充足|負荷|回転|自給|投資|資産|資本|固定|対する|対|同月|回収|自己|流動|負債|賃金|給与|賞与|在庫|"
    r"アクセス|流入|登録|収入|収益|コスト|費用|目標|ノルマ|予実|倍率)(?:率|度)?$|"
    r"growth|productivity|utili[sz]ation|capacity|quota|plan\b|budget|target|index|ratio|cover|output|"
    r"revenue|sales|profit|price|cost|value|volume|increase|visits|traffic|sessions|followers|subscribers|"
    r"users|orders|wages?|pay\b|income|stock|equity|payback|against|assets|return|invest"
)
RATES = {JA: r"(?:率|割合|比率|シェア)$", EN: r"\b(?:rate|share|ratio|percentage|churn|margin|retention)$"}
# What a title says that wants its value to move.
MOVES = {
    JA: r"増|減|上げ|下げ|伸ば|高め|短縮|向上|改善|アップ|ダウン|拡大|獲得",
    EN: r"\b(?:increas|reduc|rais|grow|cut|improv|lower|boost|double|shorten|more|fewer|less|faster|up|down)",
}

# What is better when there is less of it.
FALLING = {
    JA: (
        r"解約|離職|不良|クレーム|苦情|ミス|残業|在庫|コスト|費用|経費|原価|廃棄|ロス|返品|欠品|事故|待ち|リードタイム|"
        r"納期|時間|日数|工数|負債|遅延|遅れ|滞留|エラー|不具合|障害|故障|停止|空室|休職|手戻り|直帰|離脱|キャンセル|未収"
    ),
    EN: (
        r"churn|defect|complaint|error|mistake|overtime|inventory|cost|expense|waste|loss|return rate|"
        r"accident|incident|"
        r"waiting|wait|lead time|response time|cycle time|time to|delay|bug|downtime|bounce|abandonment|"
        r"debt|employee turnover|staff turnover"
    ),
}
SPANS_OF_TIME = {JA: r"(?:リードタイム|納期|時間|日数|期間|待ち|残業)$", EN: r"\b(?:time|overtime|hours|days)$"}

# One name for what goes by several.
SYNONYMS_JA = (
    (r"売り?上げ?高?|セールス", "売上"),
    (r"成約率|クロージング率|決定率", "受注率"),
    (r"成約", "受注"),
    (r"コンバージョン率|cv率|転換率|cvr", "cv率"),
    (r"コンバージョン|お?問い?合わ?せ", "問い合わせ"),
    (r"リテンション率|リテンション", "継続率"),
    (r"チャーンレート|チャーン率|チャーン", "解約率"),
    (r"お客様|お客さま|お客さん|クライアント|顧客|取引先", "顧客"),
    (r"新しい|新たな", "新規"),
    (r"来店者|来店客|来客|来場者", "客"),
    (r"申込者|加入者|契約者|登録者", "会員"),
    (r"ホームページ|ウェブサイト|webサイト|hp", "サイト"),
    (r"推奨度", "nps"),
    (r"社員|従業員|スタッフ", "社員"),
    (r"ネットショップ|ecサイト|オンラインショップ|オンライン店|通販サイト", "オンラインストア"),
)
SYNONYMS_EN = (
    (r"close rate|closing rate", "win rate"),
    (r"client|account", "customer"),
    (r"turnover|sales revenue|sales", "revenue"),
    (r"site|web site", "website"),
    (r"net promoter score", "nps"),
    (r"inquir(?:y|ies)|enquir(?:y|ies)", "inquiry"),
    (r"staff|people|team member", "employee"),
)
# What says nothing of what is measured.
FILLERS_EN = re.compile(
    r"\b(?:that|become|becomes|turned|turn|into|share|regular|number|who|which|new|proposal|get|are|were|been|have|has)\b"
)
# Two names for the two sides of one thing: when one is known, so is the other.
MIRRORS = (
    ("解約率", "継続率"),
    ("離職率", "定着率"),
    ("不良率", "良品率"),
    ("欠席率", "出席率"),
    ("遅延率", "納期遵守率"),
    ("空室率", "入居率"),
    ("churn rate", "retention rate"),
    ("churn", "retention"),
    ("defect rate", "pass rate"),
)
# What follows from another by arithmetic: a churn of 5 % a month is a lifetime of 20 months.
IMPLIED = ((r"解約率|チャーン|\bchurn\b", r"契約期間|継続期間|利用期間|contract term|lifetime|contract length"),)

"""Acts that stand in place of what comes of them, and what could be counted instead."""

from __future__ import annotations

from objectives.formulas.drafting.text import EN, JA, any_listed

# Acts that a key result may end with in Japanese; what comes of them is not said.
ACTS_JA = any_listed(
    "実施, 作成, 完了, 検討, 開催, 導入, 構築, 策定, 整備, 企画, 準備, 制作, 配布, 出展, 参加, 出席, 手配, 翻訳, 開発, "
    "リリース, 見直し, 周知, 共有, 調査, 分析, 配信, 発信, 投稿, 提出, 着手, 推進, 立案, リニューアル, 公開, 更新, "
    "運用, 運用開始, 発行, 掲載, 設置, 開設, 実行, 洗い出し, 整理, マニュアル化, 見える化, 徹底, 強化, 研修, 訪問, "
    "打ち合わせ, 打合せ, 開始, 購入, 改修, 改装, 移転, 依頼, 案内, 収集, 設定, 統合, 移行, 撮影, 印刷, "
    "巡回, 練習, 応募, 申請, 選定, 調整, 変更, 刷新, 改訂, 発注, ヒアリング, 勉強会, 声かけ, 清掃, 点検, "
    "棚卸し, 送付, 説明, 募集, 掲示, "
    "設計, 登録"
)
# Of these the bare noun says enough; the others may name what is counted (訪問, 投稿).
ACTS_AS_NOUN_JA = any_listed(
    "調整, 刷新, 競合調査, 市場調査, 顧客調査, 他社調査, 実施, 作成, 完了, 検討, 開催, 導入, 構築, 策定, 整備, "
    "制作, 配布, 出展, リリース, 準備, 手配, 見直し, 周知, 着手, "
    "推進, 立案, リニューアル, 運用開始, 開設, 洗い出し, 強化, 徹底"
)
# Verbs that say that something is done, whatever it is.
DOINGS_JA = any_listed(
    "を行う, を行なう, をおこなう, をやる, を作る, をつくる, を作り直す, を書く, を始める, を立ち上げる, を見直す, "
    "を話し合う, を使い始める, を呼びかける, を配る, を進める, を考える, を学ぶ, を開く, に行く, に取り組む, "
    "に着手する, を決める, を洗い出す, を書き直す, をまとめる, を完成させる, アンケートを取る, アンケートをとる"
)
# What one wins or makes with these verbs is an outcome: ファンをつくる, 新規顧客を開発する.
WON_JA = (
    r"(?:ファン|利益|売上|時間|顧客|客|取引先|販路|市場|商談|機会|仲間|リピーター|会員|契約|代理店|パートナー|口コミ|余裕|"
    r"案件|登録者|フォロワー|応募者)$"
)
# Verbs that can be nothing but an act, and those that also are nouns (Launch revenue, Call answer rate).
ACTS_EN = any_listed(
    "conduct, implement, create, write, develop, prepare, organize, organise, publish, attend, introduce, discuss, "
    "consider, explore, investigate, complete, finish, build, set up, roll out, deliver, finalize, finalise, define, "
    "redesign, migrate, establish, distribute, present, revise, carry out, draw up, put together, "
    "kick off, participate in, take part in, work on, look into, hand out, sort out, think about, post on, post to, "
    "meet with, talk to, arrange, compile, collect, gather, install, purchase, negotiate, rewrite, "
    "follow up, identify, "
    "translate, exhibit at"
)
ACTS_OR_NOUNS_EN = any_listed(
    "hold, host, launch, run, plan, review, update, design, visit, draft, research, start, begin, release, "
    "document, send, post, call, train, analyze, analyse, test, make, do, give, share, interview, "
    "contact, clean, schedule, clean up, buy"
)
GATHERINGS_EN = any_listed(
    "seminars, webinars, events, meetings, workshops, sessions, trainings, talks, fairs, classes, courses, briefings, "
    "interviews, parties, surveys, campaigns, tests, trials, training"
)
ACTS_AS_NOUN_EN = any_listed(
    "preparation, creation, implementation, introduction, organization, organisation, launch, development, completion, "
    "production, publication, distribution, planning, installation, roll-out, rollout, redesign, revision"
)

# What becomes of an act: the words it is recognized by, and what could be counted afterwards.
OUTCOMES = {
    JA: (
        (r"(?:セミナー|ウェビナー|展示会|見本市|説明会|相談会|見学会|フェア)$", "{what}経由の商談 → __件"),
        (
            r"記事|ブログ|コンテンツ|動画|lp|ランディングページ|サイト|ホームページ|hp|事例",
            "{what}からの問い合わせ → __件",
        ),
        (r"sns|インスタ|instagram|投稿|発信", "{what}からの訪問 → __回"),
        (r"アンケート|ヒアリング|インタビュー", "{what}で「満足」と答えた人の割合 → __%"),
        (r"研修|教育|勉強会|トレーニング", "{what}のあと一人でできるようになった人 → __人"),
        (r"マニュアル|手順書|ガイド|手引き|チェックリスト", "{what}を見て一人で作業できる人 → __人"),
        (r"crm|sfa|システム|ツール|アプリ|ソフト|erp|ダッシュボード", "{what}を毎週使っている人の割合 → __%"),
        (r"キャンペーン|広告|チラシ|dm|メルマガ|クーポン", "{what}からの注文 → __件"),
        (r"訪問|電話|テレアポ|営業", "{what}から生まれた商談 → __件"),
        (r"制度|ルール|仕組み|規程|規定", "{what}を利用した人の割合 → __%"),
        (r"商品|製品|サービス|メニュー|プラン|店舗|新店", "{what}の売上 → __万円"),
        (r"資料|提案書|カタログ|パンフレット", "{what}から進んだ商談 → __件"),
    ),
    EN: (
        (r"\b(?:seminar|webinar|trade show|trade fair|exhibition|open day)s?\b", "Deals from {what} → __"),
        (
            r"article|blog|content|video|landing page|website|web site|case stud|newsletter",
            "Inquiries from {what} → __",
        ),
        (r"survey|interview|questionnaire", 'Share of "satisfied" answers in {what} → __%'),
        (r"training|onboarding|course", "People who work on their own after {what} → __"),
        (r"manual|guide|playbook|handbook|checklist", "People who work on their own with {what} → __"),
        (r"crm|system|tool|app|software|dashboard|portal|platform", "Share of people who use {what} every week → __%"),
        (r"campaign|ads?\b|advertis|flyer|e-?mail|coupon", "Orders from {what} → __"),
        (r"visit|call", "Deals from {what} → __"),
        (r"product|service|feature|plan|store|shop|menu", "Revenue from {what} → __"),
    ),
}

# The unit is the word itself: complaints.
COUNTED_AS_NAMED = "…"
# What a value is counted in, by the words of its measure.
UNITS = {
    JA: (
        (r"nps", "NPS"),
        (r"(?:率|割合|シェア|比率|比)$", "%"),
        (r"(?:売上|売上高|月商|年商|利益|粗利|経費|費用|コスト|広告費|単価|受注額|金額|額)$", "万円"),
        (r"社数$|(?:取引先|導入企業|契約企業)$", "社"),
        (r"(?:人数|会員|登録者|来場者|参加者|応募者|フォロワー|社員)(?:数)?$", "人"),
        (r"日数$|リードタイム$|納期$", "日"),
        (r"時間$|残業$", "時間"),
        (r"回数$", "回"),
        (r"(?:件数|商談|受注|問い合わせ|お問い合わせ|注文|成約|クレーム|レビュー|口コミ|資料請求)(?:数)?$", "件"),
        (r"(?:満足度|評価)$", "点"),
    ),
    EN: (
        (r"\bnps\b", "NPS"),
        (r"\b(?:rate|share|ratio|percentage|churn|retention|margin)$", "%"),
        (r"\b(?:revenue|sales|profit|turnover|cost|costs|arr|mrr|spend)$", "$"),
        (r"\b(?:customers|clients|accounts|companies)$", "customers"),
        (r"\b(?:users|subscribers|followers|visitors|members|people|employees)$", "people"),
        (r"\b(?:deals|orders|leads|inquiries|complaints|sign-?ups|bookings)$", COUNTED_AS_NAMED),
        (r"\b(?:lead time|delivery time|cycle time)$", "days"),
        (r"\b(?:response time|overtime|hours)$", "hours"),
    ),
}

# Where a value could be read, by the words of its measure.
METHODS = {
    JA: (
        (r"売上|月商|年商|利益|粗利|経費|費用|コスト", "会計システムの月次の数字（税抜）"),
        (r"商談|受注|成約|案件|契約|アポ|面談|提案", "CRMの記録を毎週金曜に集計"),
        (r"訪問|pv|セッション|cv|問い合わせ|直帰|流入|検索", "アクセス解析の画面、直近30日"),
        (r"満足|nps|推奨|評価|感想", "アンケートの同じ設問への回答"),
        (r"残業|有給|勤怠", "勤怠システムの集計"),
        (r"フォロワー|投稿|sns|いいね|再生", "SNSの管理画面の数字"),
        (r"不良|クレーム|返品|検査|歩留", "検査記録とクレーム台帳"),
        (r"在庫|廃棄|欠品", "在庫管理表の月末の数字"),
        (r"離職|定着|採用|応募", "人事の台帳"),
        (r"注文|購入|リピート|会員|客単価|来店", "レジと受注管理の記録"),
        (r"納期|リードタイム|日数", "受付日と完了日の記録"),
    ),
    EN: (
        (r"revenue|sales|profit|cost|margin|turnover", "Accounting figures at the end of each month"),
        (r"\b(?:deals?|orders?|win rate|contracts?|pipeline|proposals?)\b", "CRM records, counted every Friday"),
        (
            r"\b(?:site|web|page) visits?\b|\bvisits to\b|\btraffic\b|\bsessions\b|\bconversion|\bsign-?ups?\b",
            "Web analytics, last 30 days",
        ),
        (r"satisf|nps|csat|rating|recommend", "Answers to the same survey question"),
        (r"\bfollowers?\b|\bsocial media\b", "Figures from the social media account"),
        (r"defect|complaint|return|error", "Inspection records and the list of complaints"),
        (r"churn|retention|repeat|subscriber|customer", "Customer list at the end of each month"),
        (r"\bemployee|\bstaff\b|\bhires?\b|\bapplicants?\b|\bovertime\b", "Records of the people team"),
        (r"lead time|delivery|response time|days|hours", "Dates of receipt and completion"),
    ),
}

# What moves before a result does.
LEADING = {
    JA: (
        (r"満足|nps|推奨|リピート|継続|解約|再来|口コミ", "直接感想を聞いたお客さま → __人"),
        (r"リード|資料請求|mql", "公開した事例記事 → __本"),
        (r"sns|インスタ|フォロワー|投稿|発信", "SNSに投稿した回数 → __回"),
        (r"法人|取引先|商談|受注|新規契約|企業", "決裁者との面談 → __回"),
        (r"問い合わせ|cv|サイト訪問|サイトへの訪問|流入|検索|アクセス", "公開した記事 → __本"),
        (r"離職|定着|残業|有給", "1on1で話した人 → __人"),
        (r"不良|クレーム|返品|ミス|事故", "原因まで調べて手を打った件数 → __件"),
        (r"採用|応募", "候補者との面談 → __回"),
    ),
    EN: (
        (r"\bsocial\b|\binstagram\b|\bfollowers?\b|\bposts?\b", "Posts on social media → __"),
        (r"\b(?:staff|employee|overtime|hires?|applicants?)\b", "People talked with one to one → __"),
        (r"\bleads?\b|\binquir|\bsign-?ups?\b", "Case studies published → __"),
        (r"\bb2b\b|\bdeals?\b|\bcontracts?\b|\bcorporate\b|\bwin rate\b", "Meetings with decision makers → __"),
        (r"\bconversion|\bweb ?site|\btraffic\b|\bsearch\b", "Articles published → __"),
        (r"satisf|nps|csat|repeat|retention|churn|review", "Customers asked in person what they think → __"),
        (r"defect|complaint|return|error|incident", "Causes found and removed → __"),
    ),
}

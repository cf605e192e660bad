"""The words the coach knows, as data: add a word here and the rules know it.

Patterns are looked for in levelled text (small letters, half-width signs); see `text.level`. Templates are filled with
the writer's own words; `__` is what only the writer can know.
"""

from __future__ import annotations

from objectives.formulas.drafting.text import EN, JA, any_of

# Words that name an effort and no state: what they end an objective with cannot be seen to be reached.
VAGUE_NOUNS = any_of(
    (
        *(
            "強化",
            "推進",
            "徹底",
            "最大化",
            "最適化",
            "向上",
            "改善",
            "促進",
            "活性化",
            "効率化",
            "充実",
            "拡充",
            "高度化",
        ),
        *(
            "底上げ",
            "見直し",
            "深化",
            "加速",
            "円滑化",
            "適正化",
            "健全化",
            "高付加価値化",
            "レベルアップ",
            "スキルアップ",
        ),
        *("ブラッシュアップ", "拡大", "進化", "浸透"),
    )
)
VAGUE_VERBS = any_of(
    (
        *("improve", "optimize", "optimise", "strengthen", "enhance", "maximize", "maximise", "reinforce", "boost"),
        *("promote", "streamline", "leverage", "accelerate", "advance", "upgrade", "intensify", "foster", "facilitate"),
        *("support", "focus on", "work on", "enrich", "better", "revitalize", "revitalise", "modernize", "modernise"),
    )
)
VAGUE_ENGLISH_NOUNS = any_of(
    (
        *("improvement", "optimization", "optimisation", "enhancement", "maximization", "strengthening", "promotion"),
        *("acceleration", "reinforcement"),
    )
)
# Words that point to a state although the verb beside them is vague.
STATE_JA = (
    r"まで|ほど|くらい|ように|ような|状態|から.+(?:へ|に)(?:と)?|られ|れる|できる|いつでも|誰でも|だれでも|どこでも|"
    r"ゼロ"
)
STATE_EN = (
    r"\b(?:until|so that|so (?:\w+ ){1,4}that|such that|where|from .+ to |to the point|enough to|without|who|which)\b"
)

SLOGANS_JA = (
    r"一丸とな|頑張|がんば|ガンバ|全力で|邁進|精進|一致団結|お客様第一|顧客第一|安全第一|品質第一|努力する|努める"
)
SLOGANS_EN = (
    r"^(?:(?:let's|we will|we) )?(?:work hard|do our best|give our best|try harder|customer first|safety first|"
    r"quality first|teamwork|be the best|keep going)\b"
)
TASKS_JA = any_of(
    (
        *(
            "実施する",
            "作成する",
            "導入する",
            "開催する",
            "構築する",
            "リリースする",
            "完了する",
            "検討する",
            "実行する",
        ),
        *(
            "策定する",
            "整備する",
            "更新する",
            "開設する",
            "制作する",
            "準備する",
            "移行する",
            "リニューアルする",
            "公開する",
        ),
        *(
            "実施",
            "作成",
            "導入",
            "開催",
            "構築",
            "リリース",
            "完了",
            "検討",
            "実行",
            "策定",
            "整備",
            "開設",
            "リニューアル",
        ),
    )
)
TASKS_EN = any_of(
    (
        *("launch", "hold", "implement", "conduct", "complete", "finish", "prepare", "organize", "organise", "publish"),
        *("set up", "roll out", "introduce", "install", "migrate", "deploy", "write", "draft", "release", "update"),
    )
)

# Acts that a key result may end with in Japanese; what comes of them is not said.
ACTS_JA = any_of(
    (
        *(
            "実施",
            "作成",
            "完了",
            "検討",
            "開催",
            "導入",
            "構築",
            "策定",
            "整備",
            "企画",
            "準備",
            "制作",
            "配布",
            "出展",
        ),
        *("リリース", "見直し", "周知", "共有", "調査", "分析", "配信", "発信", "投稿", "提出", "着手", "推進", "立案"),
        *(
            "リニューアル",
            "公開",
            "更新",
            "運用",
            "運用開始",
            "発行",
            "掲載",
            "設置",
            "開設",
            "実行",
            "洗い出し",
            "整理",
        ),
        *("マニュアル化", "見える化", "徹底", "強化", "研修", "訪問", "打ち合わせ", "打合せ", "ヒアリング", "勉強会"),
    )
)
# Of these the bare noun says enough; the others may name what is counted (訪問, 投稿).
ACTS_AS_NOUN_JA = any_of(
    (
        *("実施", "作成", "完了", "検討", "開催", "導入", "構築", "策定", "整備", "制作", "配布", "出展", "リリース"),
        *("見直し", "周知", "着手", "推進", "立案", "リニューアル", "運用開始", "開設", "洗い出し", "強化", "徹底"),
    )
)
# Verbs that can be nothing but an act, and those that also are nouns (Launch revenue, Call answer rate).
ACTS_EN = any_of(
    (
        *("conduct", "implement", "create", "write", "develop", "prepare", "organize", "organise", "publish", "attend"),
        *("introduce", "discuss", "consider", "explore", "investigate", "complete", "finish", "build", "set up"),
        *("roll out", "deliver", "finalize", "finalise", "define", "redesign", "migrate", "hold", "host", "establish"),
        *("distribute", "present", "revise", "carry out", "draw up", "put together", "kick off", "participate in"),
    )
)
ACTS_OR_NOUNS_EN = any_of(
    (
        *("launch", "run", "plan", "review", "update", "design", "visit", "draft", "research", "start", "begin"),
        *("release", "document", "send", "post", "call", "train", "analyze", "analyse", "test", "exhibit at"),
    )
)

# What becomes of an act: the words it is recognized by, and what could be counted afterwards.
OUTCOMES = {
    JA: (
        (r"セミナー|ウェビナー|展示会|見本市|説明会|相談会|見学会|イベント|フェア|出展", "{what}経由の商談 → __件"),
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
        (r"seminar|webinar|trade show|trade fair|event|exhibition|conference|workshop", "Deals from {what} → __"),
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
        (r"\b(?:deals|orders|leads|inquiries|complaints|sign-?ups|bookings)$", "items"),
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
        (r"deal|order|win|contract|pipeline|proposal|meeting|lead", "CRM records, counted every Friday"),
        (r"visit|traffic|session|conversion|inquir|sign-?up|search", "Web analytics, last 30 days"),
        (r"satisf|nps|csat|rating|recommend", "Answers to the same survey question"),
        (r"follower|post|social|view", "Figures from the social media account"),
        (r"defect|complaint|return|error", "Inspection records and the list of complaints"),
        (r"churn|retention|repeat|subscriber|customer", "Customer list at the end of each month"),
        (r"turnover|hire|applicant|employee|overtime", "Records of the people team"),
        (r"lead time|delivery|response time|days|hours", "Dates of receipt and completion"),
    ),
}

# What moves before a result does.
LEADING = {
    JA: (
        (r"売上|受注|契約|成約|月商|年商|利益|新規", "決裁者との面談 → __回"),
        (r"問い合わせ|cv|訪問|流入|検索|アクセス", "公開した事例記事 → __本"),
        (r"満足|nps|推奨|リピート|継続|解約|再来|口コミ", "直接感想を聞いたお客さま → __人"),
        (r"離職|定着|残業|有給", "1on1で話した人 → __人"),
        (r"不良|クレーム|返品|ミス|事故", "原因まで調べて手を打った件数 → __件"),
        (r"採用|応募", "候補者との面談 → __回"),
    ),
    EN: (
        (r"revenue|sales|order|contract|deal|profit|customer", "Meetings with decision makers → __"),
        (r"inquir|conversion|visit|traffic|lead|sign-?up", "Case studies published → __"),
        (r"satisf|nps|csat|repeat|retention|churn|review", "Customers asked in person what they think → __"),
        (r"turnover|overtime|hire|applicant", "One-on-one talks held → __"),
        (r"defect|complaint|return|error|incident", "Causes found and removed → __"),
    ),
}

# A picture of a state for what is often named as an effort only.
PICTURES = {
    JA: (
        (r"顧客満足|お客[様さ]ま?.*満足|cs", "お客さまが、知り合いに薦めたくなる会社になる"),
        (r"従業員満足|働き方|職場環境|エンゲージメント|働きやす", "社員が、友人を誘いたくなる職場になる"),
        (r"採用", "ここで働きたいという人のほうから、声がかかる会社になる"),
        (r"人材|育成|教育|スキル", "一人ひとりが自分で判断し、動ける組織になる"),
        (r"ブランド|認知|知名度", "困ったときに、真っ先に名前を思い出してもらえる会社になる"),
        (r"業務効率|生産性|業務改善|業務プロセス", "手間のかかる作業から解放され、お客さまに向き合える毎日にする"),
        (r"dx|デジタル|it化|データ", "勘と紙に頼らず、だれもが同じ数字を見て動ける会社になる"),
        (r"連携|コミュニケーション|情報共有", "部署の壁を越えて、その日のうちに相談し合える会社になる"),
        (r"品質", "「ここなら安心して任せられる」と言われるものづくりをする"),
        (r"既存顧客|リピート|顧客との関係|関係性", "お客さまが、困ったときに真っ先に相談する相手になる"),
        (r"新規(?:顧客|開拓|営業|獲得)|営業|受注|販売", "お客さまのほうから声がかかる営業になる"),
        (
            r"集客|web|サイト|マーケティング|発信|sns|ec|オンライン",
            "探している人に、真っ先に見つけてもらえる会社になる",
        ),
        (r"安全", "だれもがけがなく、笑顔で家に帰れる現場にする"),
        (r"サービス|接客|サポート", "「またお願いしたい」と言われるサービスを届ける"),
    ),
    EN: (
        (r"customer (?:satisfaction|experience|service|support|success)", "Customers recommend us without being asked"),
        (r"employee|workplace|engagement|culture", "People invite their friends to work here"),
        (r"hiring|recruit|talent", "The people we want ask to join us"),
        (r"brand|awareness|visibility", "We are the first name that comes to mind"),
        (r"efficien|productiv|process|operation|workflow", "Chores are gone and our time belongs to customers"),
        (r"digital|data|\bit\b", "Everybody decides with the same figures in view"),
        (r"communication|collaboration|teamwork|alignment", "Any question is answered across departments the same day"),
        (r"quality", "Customers trust our work without checking it"),
        (r"sales|deal|selling", "Customers call us before we call them"),
        (r"website|web site|marketing|traffic|online|social|content|seo", "Whoever looks for help finds us first"),
        (r"retention|loyal|relationship", "Our customers turn to us first when they need advice"),
        (r"safety", "Everybody goes home safe and smiling"),
        (r"service|support", "Customers come back because of how we serve them"),
    ),
}

# Rates that cannot pass 100 %, however well things go.
BOUNDED_RATES_JA = (
    r"(?:受注|成約|商談化|アポ|cv|転換|コンバージョン|継続|解約|離職|定着|満足|出席|参加|入力|開封|クリック|返信|回答|"
    r"回収|リピート|再来店|再来|再購入|不良|合格|取得|受講|利用|遵守|正答|占有|廃棄|返品|欠品|遅延|認知|普及|利益|粗利|"
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
# What goes beyond 100 % by its nature: compared with something else.
COMPARED = (
    r"比(?!率)|前年|昨年|去年|昨対|予算|計画に|達成率|成長率|伸び率|増加率|稼働率|回転率|roi|roas|net "
    r"(?:revenue )?retention|nrr|growth|"
    r"compared|versus|\bvs\b|of last|of plan|of target|attainment"
)
RATES = {JA: r"(?:率|割合|比率|シェア)$", EN: r"\b(?:rate|share|ratio|percentage|churn|margin|retention)$"}

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

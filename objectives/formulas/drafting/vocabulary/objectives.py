"""How objectives are worded that say nothing yet, and pictures of what is often meant."""

from __future__ import annotations

from objectives.formulas.drafting.text import EN, JA, any_listed

# Words that name an effort and no state: what they end an objective with cannot be seen to be reached.
VAGUE_NOUNS = any_listed(
    "強化, 推進, 徹底, 最大化, 最適化, 向上, 改善, 促進, 活性化, 効率化, 充実, 拡充, 高度化, 底上げ, 見直し, 深化, "
    "加速, 円滑化, 適正化, 健全化, 高付加価値化, レベルアップ, スキルアップ, ブラッシュアップ, 拡大, 進化, 浸透, 改革, "
    "変革, 増加, 増大, アップ, 削減, 低減"
)
VAGUE_VERBS = any_listed(
    "improve, improving, optimize, optimise, strengthen, enhance, maximize, maximise, reinforce, boost, promote, "
    "streamline, leverage, accelerate, advance, upgrade, intensify, foster, facilitate, focus on, work on, "
    "enrich, revitalize, revitalise, modernize, modernise, elevate, empower, professionalize, "
    "professionalise, level up, ramp up, "
    "step up, push forward, refine"
)
VAGUE_ENGLISH_NOUNS = any_listed(
    "improvement, optimization, optimisation, enhancement, maximization, strengthening, promotion, acceleration, "
    "reinforcement"
)
# Only as the last word: a heading without a verb.
HEADING_NOUNS_JA = any_listed(
    "創出, 醸成, 確立, 安定化, 標準化, 追求, 発揮, 刷新, 革新, 飛躍, 躍進, 発展, 両立, 確保, 育成, 連携, "
    "活用, 定着, 遵守, 目標達成, 目標の達成, 予算達成, 予算の達成, 計画達成, "
    "実現, 成長, 貢献, 開拓, 獲得, 取り組み, 工夫, 努力"
)
# Alone, or with a word or two before it, such a noun is a heading.
HEADING_NOUNS_EN = any_listed("reduction, transformation, expansion, growth, excellence, increase, development")
# What is wished for everywhere: with a verb for more or less of it, nothing is said yet.
ABSTRACT_JA = any_listed(
    "売上, 売り上げ, 売上高, 利益, 収益, 業績, 集客, 集客数, 客数, 生産性, 認知度, 知名度, 満足度, 顧客満足度, 品質, "
    "シェア, 新規開拓, 効率, コスト, 経費, 顧客満足, 営業力, 技術力, 競争力, サービス品質, 業務改革, 経営改革"
)
MORE_OR_LESS_JA = any_listed(
    "上げる, 伸ばす, 増やす, 高める, アップする, アップさせる, あげる, がんばる, 頑張る, 下げる, 減らす, 抑える, 磨く, "
    "追求する, 追い求める, 断行する, 良くする, よくする, 重視する, 目指す"
)
ABSTRACT_EN = any_listed(
    "sales, revenue, profit, profits, profitability, quality, cost, costs, efficiency, productivity, satisfaction, "
    "awareness, growth, transformation, excellence, performance, market share, engagement, business, innovation, "
    "competitiveness, turnover, output, retention, traffic, customer base, expenses, communication, "
    "teamwork, results, presence, capabilities, reputation, image, skills, morale, motivation"
)
MORE_OR_LESS_EN = any_listed(
    "increase, grow, raise, drive, ensure, reduce, cut, expand, maintain, pursue, achieve, deliver, build, develop, "
    "lower, decrease, lift, push, create"
)
# What one turns to, without saying what for.
CARES_JA = any_listed(
    "に力を入れる, に注力する, に努力する, を重視する, 意識を高める, を心がける, PDCAを回す, に取り組む, "
    "を図る, を徹底的に行う"
)
# Better, but than what, and seen by whom?
BETTER_JA = (
    r"(?:より良い|よりよい|より高い|高品質な|質の高い|最適な|適切な|最高の|良質な)"
    r"(?:サービス|商品|製品|価値|提案|品質|顧客体験|ソリューション)(?:の提供|を提供(?:する|し続ける)|を届ける)[。!]*$"
)
BETTER_EN = (
    r"^(?:(?:be|become|get) (?:more|better|faster|stronger)\b(?: [\w\-]+){0,4}|(?:provide|deliver|offer) "
    r"(?:better|great|"
    r"excellent|good|quality|high[- ]quality|best[- ]in[- ]class|world[- ]class|outstanding)(?: [\w\-]+){1,2}|"
    rf"(?:better|more|stronger|higher|greater|smoother) (?:[\w\-]+ )?{ABSTRACT_EN}|better \w+|"
    rf"(?:[\w\-]+ ){{0,2}}{ABSTRACT_EN}|(?:deliver|create|provide|add) (?:more )?value\b.*|do [\w ]{{2,20}} better|"
    r"(?:[\w\-]+ )?(?:improvement|transformation|optimization|optimisation|expansion|development) of .{2,40})[.!]*$"
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
TASKS_JA = any_listed(
    "実施する, 作成する, 導入する, 開催する, 構築する, リリースする, 完了する, 検討する, 実行する, 策定する, 整備する, "
    "更新する, 開設する, 制作する, 準備する, 移行する, リニューアルする, 公開する, 実施, 作成, 導入, 開催, 構築, "
    "リリース, 完了, 検討, 実行, 策定, 整備, 開設, リニューアル"
)
TASKS_EN = any_listed(
    "launch, hold, implement, conduct, complete, finish, prepare, organize, organise, publish, set up, roll out, "
    "introduce, install, migrate, deploy, write, draft, release, update"
)

# A picture of a state for what is often named as an effort only.
PICTURES = {
    JA: (
        (r"標準化|仕組み化|属人", "だれが担当しても、同じ質の仕事ができる会社になる"),
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
        (r"\befficien|\bproductiv|\bprocess|\bworkflow", "Our days belong to customers, not to paperwork"),
        (r"digital|data|\bit\b", "Everybody decides with the same figures in view"),
        (
            r"\bcommunication|\bcollaboration|\bcooperation|\bteamwork",
            "Any question is answered across departments the same day",
        ),
        (r"quality", "Customers trust our work without checking it"),
        (r"\bsales\b|\bselling\b", "Customers call us before we call them"),
        (r"website|web site|marketing|traffic|online|social|content|seo", "Whoever looks for help finds us first"),
        (r"retention|loyal|relationship", "Our customers turn to us first when they need advice"),
        (r"safety", "Everybody goes home safe and smiling"),
        (r"\bservice\b", "Customers come back because of how we serve them"),
    ),
}

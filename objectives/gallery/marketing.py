"""Sets for marketing. The measures come from the product's domain notes, section 4; the words are ours."""

from __future__ import annotations

from objectives.gallery.sets import CASES, MONEY, NPS, PEOPLE, PERCENT, Measured, Set, Text
from objectives.models import Area, Kind, Limit, MeasureType, Period

ORDER = Set(
    key="marketing-order",
    area=Area.MARKETING,
    title=Text("伝えたい話が、届けたい人に途切れず届いている", "The right stories keep reaching the right people"),
    why=Text(
        "思いつきの発信をやめ、何を、いつ、誰に届けるのかを全員が同じ予定で見られるようにするためです。",
        "So that nobody publishes on a whim, and everyone sees from the same plan what goes to whom, and when.",
    ),
    helps=Text(
        "発信が場当たりで、何が効いたのかを誰も言えないとき",
        "When posts and mails go out as they come and nobody can say what worked",
    ),
    key_results=(
        Measured(
            Text("いまあるページと資料の棚卸し", "Audit of all pages and documents"),
            Text("棚卸し表で、各段階を終えたかを見ます", "Each step is ticked off in the audit sheet"),
            kind=Kind.MILESTONE,
            measure_type=MeasureType.PROCESS,
            steps=(
                Text("ページと資料の一覧がそろっている", "All pages and documents are listed"),
                Text("残す・直す・やめるが決まっている", "Each is marked keep, rework or remove"),
                Text("直すものに担当と期限がある", "What is to be reworked has an owner and a date"),
            ),
        ),
        Measured(
            Text("3か月分のコンテンツカレンダー", "Content calendar for three months"),
            Text("共有の予定表で、各段階を終えたかを見ます", "Each step is ticked off in the shared calendar"),
            kind=Kind.MILESTONE,
            measure_type=MeasureType.PROCESS,
            steps=(
                Text("届けたい相手とテーマが決まっている", "Audience and themes are settled"),
                Text("掲載日と担当が入っている", "Dates and owners are entered"),
                Text("営業とお客様対応の確認が済んでいる", "Sales and customer service have agreed"),
            ),
        ),
        Measured(
            Text("SNS・広告・メールからのサイト訪問数", "Site visits from social media, ads and e-mail"),
            Text("アクセス解析の流入元別レポート（月間）", "Web analytics, report by source, per month"),
            Text("回", "visits"),
            start=10000,
            must_hit=11000,
            target=12000,
        ),
    ),
)

SATISFACTION = Set(
    key="marketing-satisfaction",
    area=Area.MARKETING,
    title=Text("お客様が、思わず知人にすすめたくなる会社になる", "Customers love to tell their friends about us"),
    why=Text(
        "声を聞かずに作ったものは、すすめてもらえません。お客様の言葉から次の打ち手を決めるためです。",
        "Nobody recommends what was made without listening. The next step should begin with customers' own words.",
    ),
    helps=Text(
        "満足されているはずなのに、紹介や口コミが増えないとき",
        "When customers seem content, yet few of them recommend you",
    ),
    is_for_beginners=True,
    key_results=(
        Measured(
            Text("長くご利用のお客様への聞き取り", "Interviews with loyal customers"),
            Text("聞き取りの記録が残っている人数", "People with whom a talk was written down"),
            PEOPLE,
            kind=Kind.COVERAGE,
            population=10,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("よくご利用の方から毎月いただく感想", "Feedback from active users every month"),
            Text("アンケートと電話で集めた感想の件数", "Answers collected by questionnaire or phone"),
            CASES,
            kind=Kind.QUOTA,
            quota=20,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("お客様の推奨度（NPS）", "How likely customers are to recommend us (NPS)"),
            Text(
                "すすめる度合いを0〜10で聞き、9以上の割合から6以下の割合を引きます（−100〜100）。"
                "回答の平均点（0〜10）とは別の尺度です",
                "Asked from 0 to 10; the share of 9 and 10 less the share of 0 to 6, from −100 to 100. "
                "The average answer (0 to 10) is another scale",
            ),
            NPS,
            must_hit=40,
            target=50,
        ),
    ),
)

SEARCH = Set(
    key="marketing-search",
    area=Area.MARKETING,
    title=Text("探している人が、真っ先に私たちのページに出会う", "Whoever searches meets our pages first"),
    why=Text(
        "広告を止めても見つけてもらえる状態にして、問い合わせを広告費に左右されないものにするためです。",
        "So that people find us even without ads, and inquiries no longer depend on what we spend.",
    ),
    helps=Text(
        "広告費は増えるのに、検索から来る人が伸びないとき",
        "When ad spend grows while visits from search stand still",
    ),
    key_results=(
        Measured(
            Text("信頼できるサイトからの新しい被リンク", "New backlinks from sites people trust"),
            Text("検索エンジンの管理画面で毎月数えます", "Counted every month in the search console"),
            Text("本", "links"),
            kind=Kind.QUOTA,
            quota=10,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("検索結果の1ページ目に出る記事の割合", "Share of our content on page one"),
            Text("対象記事のうち10位以内の本数の割合", "Articles ranked in the first ten, of all that are tracked"),
            PERCENT,
            start=30,
            must_hit=40,
            target=50,
        ),
        Measured(
            Text("検索から来た人のお問い合わせ", "Inquiries from people who came by search"),
            Text("お問い合わせフォームの流入元で数えます", "Inquiry forms whose source is search"),
            CASES,
            kind=Kind.CUMULATIVE,
            must_hit=30,
            target=45,
        ),
    ),
)

LEADS = Set(
    key="marketing-leads",
    area=Area.MARKETING,
    title=Text("本当に困っている会社から、先に声がかかる", "Companies that need us come to us by themselves"),
    why=Text(
        "数だけの名簿では営業が疲れます。話が進む相手と出会えるようにするためです。",
        "Long lists wear sales people out. They should meet those with whom a talk leads somewhere.",
    ),
    helps=Text(
        "見込み客は多いのに、商談につながらないとき",
        "When there are many leads, but few of them become deals",
    ),
    key_results=(
        Measured(
            Text("新しい客層の導入事例", "Case studies on a new customer segment"),
            Text("サイトで読める事例の本数", "Cases that can be read on our site"),
            Text("本", "cases"),
            kind=Kind.COVERAGE,
            population=3,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("業種と検討段階がわかる連絡先の割合", "Share of contacts with industry and stage known"),
            Text("名簿で両方の欄が埋まっている件数の割合", "Contacts with both fields filled in, of the whole list"),
            PERCENT,
            start=20,
            must_hit=80,
            target=100,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("進行中の商談の総額", "Pipeline of open deals"),
            Text("毎週金曜に、進行中の商談の見込み額を合計します", "Expected value of open deals, every Friday"),
            MONEY,
            kind=Kind.KEEP,
            target=30_000_000,
            limit=Limit.MIN,
            period=Period.WEEK,
        ),
    ),
)

LOYALTY = Set(
    key="marketing-loyalty",
    area=Area.MARKETING,
    title=Text("買ってくださった方が、次もここでと決めている", "Those who bought from us look nowhere else"),
    why=Text(
        "新しいお客様を追うより、いまのお客様に選ばれ続けるほうが事業は強くなるためです。",
        "Being chosen again carries a business further than chasing ever new customers.",
    ),
    helps=Text(
        "新規は取れるのに、買ったきりの方が多いとき",
        "When new customers come, but many of them never return",
    ),
    key_results=(
        Measured(
            Text("50万円を超える販売のあとに報告書を届けた割合", "Sales above ¥500,000 followed by a report"),
            Text("対象の販売のうち、2週間以内に届けた件数の割合", "Reports sent within two weeks, of all such sales"),
            PERCENT,
            kind=Kind.KEEP,
            target=100,
            limit=Limit.MIN,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("会員プログラムからのメール読者", "Mail readers won by the loyalty programme"),
            Text("配信名簿のうち、会員登録から入った人数", "People on the mailing list who joined as members"),
            PEOPLE,
            start=2500,
            must_hit=2700,
            target=3000,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("お客様の継続率（年平均）", "Customer retention, yearly average"),
            Text("12か月前のお客様のうち、今月も取引がある割合", "Customers of twelve months ago who still buy"),
            PERCENT,
            kind=Kind.AVERAGE,
            start=68,
            must_hit=71,
            target=75,
        ),
    ),
)

LOCAL = Set(
    key="marketing-local",
    area=Area.MARKETING,
    title=Text("この町で探す人が、まず私たちの名前を思い出す", "People in our town think of us first"),
    why=Text(
        "近くにいるのに知られていない、という機会の損失をなくすためです。",
        "So that nobody nearby goes elsewhere only because they had not heard of us.",
    ),
    helps=Text(
        "地域のお客様が中心なのに、地元の検索で見つからないとき",
        "When customers live nearby, but local searches do not show you",
    ),
    key_results=(
        Measured(
            Text("地域の記事のうち検索1ページ目に出る割合", "Share of local content on page one"),
            Text("地域名を含む対象記事のうち、10位以内の割合", "Local articles in the first ten, of all tracked"),
            PERCENT,
            start=50,
            must_hit=65,
            target=80,
        ),
        Measured(
            Text("地域の話題の新しい記事", "New articles on local topics"),
            Text("サイトに載せた本数を毎週数えます", "Articles published on the site, counted weekly"),
            Text("本", "articles"),
            kind=Kind.QUOTA,
            quota=3,
            period=Period.WEEK,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("地図サービスの店舗情報", "Business profile on map services"),
            Text("管理画面で、各項目がそろったかを見ます", "Each part is ticked off in the profile's console"),
            kind=Kind.MILESTONE,
            measure_type=MeasureType.PROCESS,
            steps=(
                Text("営業時間・電話・住所が正しい", "Hours, phone and address are right"),
                Text("写真とサービス一覧がそろっている", "Photos and services are there"),
                Text("口コミへの返信の担当が決まっている", "Somebody answers the reviews"),
            ),
        ),
        Measured(
            Text("地域ごとの案内ページ", "Landing pages for each area"),
            Text("対象地域のうち、ページがある地域の数", "Areas that have a page of their own"),
            Text("地域", "areas"),
            kind=Kind.COVERAGE,
            population=8,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

SEAMLESS = Set(
    key="marketing-seamless",
    area=Area.MARKETING,
    title=Text(
        "どの窓口で話しても、同じ会社だと感じていただける",
        "Wherever customers meet us, they feel it is the same company",
    ),
    why=Text(
        "部署ごとに言うことが違うと、信頼は静かに失われます。会社として同じ言葉で話すためです。",
        "Trust fades quietly when each department tells another story. We want to speak the same language.",
    ),
    helps=Text(
        "窓口によって説明が違い、お客様に何度も同じことを聞いているとき",
        "When explanations differ by department and customers must repeat themselves",
    ),
    key_results=(
        Measured(
            Text("伝える言葉の共通ルール", "Messaging framework"),
            Text("共有文書で、各段階を終えたかを見ます", "Each step is ticked off in the shared document"),
            kind=Kind.MILESTONE,
            measure_type=MeasureType.PROCESS,
            steps=(
                Text("約束すること・言わないことが決まっている", "What we promise and never say is settled"),
                Text("お客様の言葉での言い換え例がある", "There are examples in customers' own words"),
                Text("全部署の責任者が合意している", "The heads of all departments agree"),
            ),
        ),
        Measured(
            Text("ひとつのCRMで見られるお客様情報の割合", "Share of customer data found in the shared CRM"),
            Text("全部署のお客様のうち、CRMに記録がある割合", "Customers recorded there, of all departments' lists"),
            PERCENT,
            start=40,
            must_hit=85,
            target=100,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("部署・サイト・広告・メール・SNSの言葉の点検", "Messages audited by department and channel"),
            Text("点検表に結果が残っている窓口の数", "Channels whose audit is written down"),
            Text("窓口", "channels"),
            kind=Kind.COVERAGE,
            population=8,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("同じ説明を繰り返させられたというお客様の声", "Complaints about having to explain things again"),
            Text("お客様対応の記録から数えます（月間）", "Counted in the customer service log, per month"),
            CASES,
            start=12,
            must_hit=6,
            target=3,
        ),
    ),
)

CAFE = Set(
    key="cafe-online",
    area=Area.MARKETING,
    title=Text(
        "札幌の店の香りが、全国の朝に届いている",
        "The scent of our Sapporo café fills mornings all over the country",
    ),
    why=Text(
        "店に来られない方にも、同じ珈琲の時間を楽しんでいただくためです。",
        "So that those who cannot come to the café enjoy the same cup at home.",
    ),
    helps=Text(
        "例：実店舗のある珈琲店が、通販を育てるとき",
        "An example: a café that wants its online shop to grow",
    ),
    key_results=(
        Measured(
            Text("スタッフのSNS投稿からの訪問数", "Visits from posts by our staff"),
            Text("アクセス解析の流入元別レポート（月間）", "Web analytics, report by source, per month"),
            Text("回", "visits"),
            start=500,
            must_hit=1250,
            target=2000,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("「北海道 スペシャルティコーヒー 通販」の検索順位", "Search rank for “Hokkaido specialty coffee”"),
            Text("検索エンジンの管理画面の平均順位", "Average rank in the search console"),
            Text("位", "rank"),
            start=12,
            must_hit=5,
            target=3,
        ),
        Measured(
            Text("店頭のQRカードからのメール読者", "Newsletter readers from QR cards at the counter"),
            Text("配信名簿のうち、QRカードから登録した人数", "People on the list who came by the card"),
            PEOPLE,
            start=1000,
            must_hit=1100,
            target=1200,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("オンラインストアの売上", "Sales of the online shop"),
            Text("通販システムの月間売上（返品を除く）", "Shop system, sales per month less returns"),
            MONEY,
            start=1_500_000,
            must_hit=2_250_000,
            target=3_000_000,
        ),
    ),
)

MARKETING = (ORDER, SATISFACTION, SEARCH, LEADS, LOYALTY, LOCAL, SEAMLESS, CAFE)

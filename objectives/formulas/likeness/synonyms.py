"""What means the same in goals, in Japanese and English, and what says nothing of what a goal is about.

A line is a meaning and the words people write for it; `_` is a blank. Longer words are found before shorter ones, so
that 受注率 is a rate and no order. Words of Latin letters stand for themselves and their plural.
"""

from __future__ import annotations

MEANINGS: dict[str, str] = {
    # Money
    "revenue": (
        "売上高 売り上げ高 売り上げ 売上げ 売上 月商 年商 revenue sales_revenue sales_figures net_sales sales turnover"
    ),
    "gross": "売上総利益 粗利益 粗利 gross_profit gross_margin",
    "operating": "営業利益 operating_profit operating_income",
    "profit": "利益 profit earnings",
    "margin": "利益率 profit_margin",
    "ad cost": "広告費用 広告費 宣伝費 ad_spend ad_cost ad_budget advertising_cost advertising_spend",
    "cost": "コスト 費用 経費 cost expense spending",
    "price": "単価 価格 price",
    "basket": (
        "平均購入単価 平均購入額 平均注文額 平均単価 客単価 購入単価 average_order_value average_basket aov "
        "average_price average_unit_price"
    ),
    "contract value": (
        "平均契約額 平均契約単価 契約単価 average_contract_value average_contract_size average_deal_size acv"
    ),
    "discount": "値引き率 値引き額 値引きの割合 割引率 値引き 値引 割引 discount_rate discount",
    "budget": "予算 budget",
    "cash in": "入金 代金回収 payment",
    "invoice": "請求書 請求 invoice",
    # Customers
    "customer": (
        "顧客 お客さま お客様 おきゃくさま クライアント 取引先 得意先 購入者 買ってくださった方 "
        "買ってくださる方 customer client buyer"
    ),
    "user": "ユーザー ユーザ 利用者 user",
    "member": "会員 member",
    "corporate": "法人 企業 corporate business_customer b2b_customer company companies",
    "new": "新規 新しい あたらしい はじめての 初めての new first-time",
    "existing": "既存 いまの existing current",
    "key account": "重点顧客 重要顧客 主要顧客 重点取引先 主要取引先 key_account key_customer",
    "repeat": "リピート 再購入 再注文 再来店 2回目の購入 二回目の購入 repeat_purchase repurchase repeat_order repeat",
    "repeat customer": "リピーター リピート顧客 repeat_customer returning_customer repeat_buyer",
    "repeat rate": (
        "リピート率 再購入率 再注文率 再来店率 リピーター率 リピートする割合 repeat_rate repurchase_rate "
        "repeat_purchase_rate share_of_repeat_customers"
    ),
    "churn": "解約率 チャーンレート チャーン率 離脱率 churn_rate churn cancellation_rate attrition_rate",
    "cancellation": "解約 退会 キャンセル cancellation",
    "retention": "継続率 維持率 リテンション率 リテンション retention_rate customer_retention retention renewal_rate",
    "satisfaction": (
        "顧客満足度 お客さま満足度 お客様満足度 満足度 customer_satisfaction_score customer_satisfaction csat "
        "satisfaction_score satisfaction"
    ),
    "nps": "ネットプロモータースコア 推奨度 おすすめ度 net_promoter_score nps",
    "complaint": "クレーム 苦情 complaint",
    "review": "口コミ クチコミ レビュー review",
    "voice": "お客さまの声 お客様の声 顧客の声 フィードバック feedback customer_voice",
    "lifetime value": "顧客生涯価値 生涯価値 ltv lifetime_value",
    "acquisition cost": (
        "顧客獲得単価 顧客獲得コスト 獲得単価 cac cpa acquisition_cost customer_acquisition_cost cost_per_acquisition"
    ),
    # From a visit to an order
    "visit": (
        "サイトへの訪問者 サイトへの訪問 ウェブサイトのアクセス ホームページのアクセス サイトのアクセス "
        "サイトアクセス サイト訪問者 サイト訪問 アクセス アクセス数 流入 セッション トラフィック site_traffic "
        "website_traffic web_traffic traffic site_visit website_visit visits_to_the_site website_visitor "
        "session"
    ),
    "page view": "ページビュー pv page_view",
    "conversion": (
        "お問い合わせ お問合せ 問い合わせ 問合わせ 問合せ 引き合い 引合 コンバージョン cv inquiry inquiries "
        "enquiry enquiries conversion"
    ),
    "conversion rate": "コンバージョン率 cv率 cvr 転換率 conversion_rate cv_rate",
    "lead": "見込み客 見込客 見込み顧客 リード prospect lead",
    "mql": "mql marketing_qualified_lead",
    "document": "資料請求 資料ダウンロード document_request brochure_request whitepaper_download",
    "deal": "商談 案件 deal opportunity opportunities sales_meeting sales_opportunity sales_opportunities",
    "deal rate": (
        "商談化率 商談率 問い合わせが商談になる割合 問い合わせから商談になる割合 deal_rate lead-to-deal_rate "
        "share_of_inquiries_becoming_deals"
    ),
    "order": "受注 契約 成約 注文 オーダー order contract deals_won won_deal closed_deal closed_won",
    "win rate": "受注率 成約率 決定率 商談が受注になる割合 win_rate close_rate closing_rate",
    "proposal": "提案書 提案 proposal quote",
    "referral": "紹介 referral",
    "meeting": "打ち合わせ 打合せ 打合わせ 会議 ミーティング 面談 meeting appointment",
    "decision maker": "決裁者 決定権者 decision-maker decision_maker",
    "pipeline": "パイプライン 見込み案件の総額 見込み案件 pipeline",
    "crm": "crm 顧客管理システム 商談記録",
    "entry rate": "入力率 登録率 entry_rate",
    # Channels
    "online shop": (
        "オンライン店 オンラインショップ オンラインストア ecサイト ec店 ec事業 ecショップ ネットショップ "
        "ネット店 ネット通販 通販サイト 通販 ec online_shop online_store web_shop webshop e-commerce "
        "ecommerce e-shop"
    ),
    "site": "ホームページ ウェブサイト webサイト サイト website homepage web_site site",
    "store": "実店舗 店舗 店 お店 ショップ shop store",
    "sns": "ソーシャルメディア sns social_media social_network",
    "newsletter": "メールマガジン メルマガ ニュースレター newsletter mailing_list",
    "subscriber": "登録者 購読者 読者 登録 購読 subscriber sign-up signup",
    "search rank": "検索順位 検索ランキング search_ranking search_rank search_position google_ranking",
    "organic search": "自然検索 オーガニック検索 検索流入 organic_search organic_traffic",
    "advertising": "広告 advertising advertisement ad",
    "awareness": "ブランド認知度 ブランド認知 認知度 認知 brand_awareness awareness",
    "seminar": "セミナー ウェビナー seminar webinar",
    "fair": "展示会 見本市 trade_fair trade_show exhibition industry_event",
    "article": "記事 コラム ブログ article blog_post blog post",
    "video": "動画 ビデオ video",
    "subscription": "定期便 定期購入 サブスクリプション サブスク subscription",
    # Things and their way
    "stockout": "在庫切れ 欠品 品切れ stock-out stockout out-of-stock",
    "stock": "在庫 inventory inventories stock",
    "delivery": "配送 配達 delivery deliveries shipping",
    "dispatch": "発送 出荷 dispatch shipment",
    "lead time": "リードタイム lead_time",
    "defect": "不良品 不良 欠陥 defect defective",
    "waste": "廃棄 ロス waste",
    "quality": "品質 quality",
    "bug": "バグ 不具合 障害 bug incident",
    "return": "返品 return returned_goods",
    "output": "生産量 製造量 production_volume output",
    "productivity": "生産性 productivity",
    # Answers
    "reply": "返信 応答 回答 返答 レスポンス reply replies response",
    "first": "初回 一次 最初 first initial",
    "time": "時間 所要時間 time",
    "days": "日数 days",
    "resolution": "解決 resolution",
    # People
    "staff": "従業員 社員 スタッフ 職員 メンバー 働く人 はたらく人 employee staff workforce",
    "overtime": "残業時間 時間外労働 残業 overtime_hours overtime",
    "leaving": "離職率 退職率 離職 退職 employee_turnover staff_turnover turnover_rate attrition",
    "leave": "有給休暇 有給 有休 paid_leave paid_holiday",
    "engagement": (
        "エンゲージメント 従業員満足度 社員満足度 従業員エンゲージメント employee_engagement engagement "
        "employee_satisfaction enps"
    ),
    "hiring": "採用 hire hiring recruit recruitment",
    "training": "研修 勉強会 training",
    "share": "割合 比率 シェア 率 share percentage ratio rate",
    "per person": "一人あたり 1人あたり 一人当たり 1人当たり per_person per_head per_employee",
    # Spellings
    "work": "働く はたらく 仕事",
    "make": "つくる 作る 創る",
    "choose": "選ばれる えらばれる",
    "deliver": "届ける とどける",
    "smile": "笑顔 えがお",
    "best": "一番 いちばん 最も もっとも",
    "quick": "素早く すばやく 早く 速く はやく",
    "tell": "伝える つたえる",
    "protect": "守る まもる",
}

# Measures that every team has of its own: the same words are not the same number.
OWN = frozenset({"overtime", "leave", "leaving", "engagement", "training", "staff", "hiring", "budget", "cost"})
# Amounts that add up over the teams: without another word they are each team's own share.
SHARES_OF_A_WHOLE = frozenset({"revenue", "gross", "operating", "profit"})

RISES = (
    "増やす 増やし 増やせ 増える 増え 増加 伸ばす 伸ばし 伸びる 伸長 高める 高め 上げる 上げ 引き上げる "
    "引き上げ 底上げ 向上 拡大 アップ 倍増 増大 最大化 成長 広げる 広げ 増収 増 increase grow raise boost "
    "lift expand higher more double triple maximize maximise up"
)
FALLS = (
    "減らす 減らし 減らせ 減る 下げる 下げ 引き下げる 引き下げ 削減 低減 短縮 縮める 縮め 縮小 抑える 抑え "
    "抑制 減少 ダウン 圧縮 最小化 なくす 無くす なくし ゼロ 半減 短く 少なく 絞り込む 絞り込み 絞る 絞り 減 "
    "reduce decrease cut lower shorten lessen fewer less minimize minimise halve shrink down eliminate zero"
)
HOLDS = "維持 保つ 保ち 保持 キープ 継続する keep maintain hold stay"
SAYS_NOTHING = (
    "達成 獲得 実現 改善 強化 推進 徹底 目指す めざす 到達 超える 上回る 実施 目標 実績 合計 累計 総数 件数 "
    "人数 社数 者数 回数 本数 個数 金額 店舗数 数 平均 一年 年間 月間 週間 月次 年次 週次 毎月 毎週 毎日 毎年 "
    "当期 今期 来期 年度 四半期 上期 下期 通期 以上 以下 以内 未満 までに 経由 満点 持つ 持ち 必ず さらに "
    "もっと より良く より する します した して させる させ なる なり なっている である ている こと もの ため "
    "すべて 全て improve optimize optimise achieve reach get acquire gain win have has become make be is are "
    "was our we us the a an of for in to by from at on with and or per each every number count total amount "
    "overall monthly weekly yearly annual annually quarterly quarter year month week day this next end target "
    "goal drive deliver ensure their its it that which who as into than least most over under within average "
    "avg all much"
)
PERIODS = {
    "day": "毎日 日次 一日 1日あたり daily per_day a_day",
    "week": "毎週 週間 週次 一週間 1週間 weekly per_week a_week",
    "month": "毎月 月間 月次 月商 月の 月あたり 月当たり 一か月 1か月 1ヶ月 monthly per_month a_month",
    "year": "年間 年次 毎年 年商 年あたり 年当たり 一年 yearly annual annually per_year a_year",
}

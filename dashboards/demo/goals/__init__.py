"""What the example company wants: this quarter's objectives, the year's, those of earlier quarters,
drafts for the next."""

from dashboards.demo.goals.company import COMPANY, YEAR
from dashboards.demo.goals.earlier import EARLIER
from dashboards.demo.goals.last import LAST
from dashboards.demo.goals.marketing import MARKETING
from dashboards.demo.goals.next import COMPANY_NEXT, SALES_NEXT
from dashboards.demo.goals.next_shop import MARKETING_NEXT, ONLINE_NEXT, ROASTERY_NEXT
from dashboards.demo.goals.online import ONLINE
from dashboards.demo.goals.roastery import ROASTERY
from dashboards.demo.goals.sales import SALES
from dashboards.demo.story import Moved

NEXT = (*COMPANY_NEXT, *ONLINE_NEXT, *SALES_NEXT, *MARKETING_NEXT, *ROASTERY_NEXT)
GOALS = (*EARLIER, *YEAR, *LAST, *COMPANY, *ONLINE, *SALES, *MARKETING, *ROASTERY, *NEXT)

MOVED = (
    Moved(
        "sns-visits",
        3,
        "onishi",
        2_250,
        4_500,
        "投稿の中心だった店員が育休に入り、動画を週五本から三本に減らした。続けられる本数で組み直す。",
    ),
    Moved(
        "capacity",
        2,
        "onodera",
        380,
        440,
        "釜の改修が早く終わり、当初の目標では軽すぎると分かった。定期便の伸びに合わせて引き上げる。",
    ),
)

NOT_DOING = (
    ("current", "company", "miura", "四つめの店を出すこと"),
    ("current", "company", "miura", "大手量販店への値下げでの卸し"),
    ("current", "online", "onishi", "値引きクーポンで登録を増やすこと"),
    ("current", "online", "onishi", "新しいSNSを始めること"),
    ("current", "sales", "fujiwara", "札幌圏の外の展示会に出ること"),
    ("current", "sales", "fujiwara", "値引きを条件にした契約"),
    ("current", "marketing", "kudo", "効果を確かめられない紙の広告"),
    ("current", "roastery", "onodera", "品数をこれ以上増やすこと"),
    ("next", "sales", "fujiwara", "朝食以外の厨房機器の販売"),
)

"""A look back at half time that is just being voted on."""

from dashboards.demo.story import Looked, Noted
from objectives.models import Cause, Question

UNDER_WAY = Looked(
    "subscription",
    "online",
    "onishi",
    1,
    "15:30",
    objective="subscription",
    is_running=True,
    notes=(
        Noted(
            "box-morning",
            "onishi",
            Question.SUCCEEDED,
            "朝いちばんの釜に入れると決めてから、四日以内のお届けが続いている",
            "sub-days",
        ),
        Noted(
            "box-line",
            "morishita",
            Question.SUCCEEDED,
            "手書きの一筆へのお返事が、二回目のご注文につながっている",
            "sub-second",
        ),
        Noted(
            "box-weekdays",
            "sugawara",
            Question.SUCCEEDED,
            "定期便の曜日が固定され、焙煎の段取りが立てやすい",
            "sub-days",
            under="box-morning",
        ),
        Noted(
            "box-rest",
            "morishita",
            Question.IMPROVE,
            "解約の前に、お休みを選べることをもっと目立たせたい",
            "sub-reasons",
        ),
        Noted(
            "box-sample",
            "onishi",
            Question.IMPROVE,
            "三か月目の豆の切り替えを、案内文だけでなく見本でもお届けする",
            "sub-second",
        ),
        Noted(
            "box-hands",
            "onishi",
            Question.MISSED,
            "箱詰めの人手が足りず、お申し込みを止めた週がある",
            "sub-first",
            Cause.HANDS,
        ),
        Noted(
            "box-form",
            "morishita",
            Question.MISSED,
            "はじめての方の申し込み画面が、スマートフォンだと長すぎる",
            "sub-first",
            Cause.METHOD,
        ),
        Noted(
            "box-late",
            "sugawara",
            Question.MEASURE,
            "配達完了の記録が一日遅れるので、日数が長めに出る",
            "sub-days",
        ),
    ),
    votes={"box-hands": ("sugawara",), "box-morning": ("sugawara",), "box-rest": ("onishi",)},
)

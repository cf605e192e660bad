"""What happens to the drafts of the next quarter: proposed, sent back, adjusted, agreed, carried over."""

from dashboards.demo.story import Adjusted, Kept, Said

STEPS: tuple[Said | Adjusted, ...] = (
    Said("next-counter", "sugawara", "proposed", 7, "16:40"),
    Said("next-again", "morishita", "proposed", 7, "09:10"),
    Said("next-referrals", "nomura", "proposed", 6, "18:20"),
    Said("next-films", "shiraishi", "proposed", 6, "11:30"),
    Said(
        "next-again",
        "fujiwara",
        "draft",
        5,
        "08:50",
        "よい狙いだと思います。ただ、便りと電話の数だけでは、呼ばれたかどうかが分かりません。"
        "「もう一度お話をうかがえた会社」のような結果を一つ加えてもらえますか。",
    ),
    Said("next-counter", "onodera", "agreed", 4, "07:50", "お客さまの困り顔から始めているのがいい。これで行こう。"),
    Said("next-profit", "ishiguro", "proposed", 4, "15:10"),
    Adjusted("next-tried", "kudo", 30, 3, "10:40", "秋は新作の撮影が重なる。必達は一段下げ、挑戦はそのままで。"),
)

CARRIED = (("morning", "miura", 2, "08:30"), ("subscription", "onishi", 2, "09:45"))

TEMPLATES = (
    Kept(
        "records",
        "fujiwara",
        "sales",
        "人が入れ替わる年に。記録の入れ方から始めると、三か月目から受注率に効いてくる。",
        8,
    ),
)

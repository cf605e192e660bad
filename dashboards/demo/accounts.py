"""The companies the example company would like to win, and the ways they took so far. None of them exists.

Every way is drawn from one seed and counted in weeks before today, so that it is the same on any day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from funnel.formulas.fits import fit_of, read_conditions
from funnel.models import CountsAs, Fit, StageKind

WEEKS = 12
"""The list was read in on the Monday so many weeks before this one; that week is 0, the present one is this."""

# Key, name, kind, what it counts as, and the criteria by which a company comes there.
STAGES = (
    (
        "unaware",
        "潜在",
        StageKind.OPEN,
        CountsAs.NONE,
        "名簿か名刺で社名を知っているだけ。こちらからの便りにまだ反応がない",
    ),
    (
        "warming",
        "準顕在",
        StageKind.OPEN,
        CountsAs.NONE,
        "便りを開いた、読みものか導入事例を見た、のどれか一つ。こちらから頼んでいない反応であること",
    ),
    (
        "interested",
        "顕在化",
        StageKind.OPEN,
        CountsAs.CV,
        "資料請求か問い合わせがあった、または催しで「うちの場合は」という話が出た",
    ),
    (
        "likely",
        "アポ見込み",
        StageKind.OPEN,
        CountsAs.NONE,
        "飲みものを任されている方と電話で話せ、会ってもよいと言っていただいた",
    ),
    ("agreed", "アポ獲得", StageKind.OPEN, CountsAs.NONE, "訪問か試飲会の日時が決まり、予定表に入っている"),
    (
        "met",
        "訪問済",
        StageKind.OPEN,
        CountsAs.NONE,
        "訪問か試飲会を終え、困りごと・予算・決める方・時期のうち二つ以上を聞けた",
    ),
    ("deal", "案件化", StageKind.OPEN, CountsAs.DEAL, "見積もりか提案書を求められた。CRMに金額と予定日がある"),
    ("won", "受注", StageKind.WON, CountsAs.ORDER, "契約書か注文書に押印をいただいた"),
    ("lost", "失注", StageKind.LOST, CountsAs.NONE, "断りの返事をいただいた。理由が五つの言葉のどれかで書いてある"),
    (
        "out",
        "ターゲット外",
        StageKind.OUT,
        CountsAs.NONE,
        "従業員が10名に満たない、道外で配送できない、同業のどれか",
    ),
    ("hold", "保留", StageKind.HOLD, CountsAs.NONE, "「今ではない」と言われた。次に伺う月がメモにある"),
)

NEAR_SAPPORO = ("札幌市", "江別市", "北広島市", "石狩市")
WITHIN_A_DAY = (*NEAR_SAPPORO, "小樽市", "恵庭市", "千歳市")
RULES = {
    "A": [
        {"field": "employees", "is": "at_least", "value": "80"},
        {"field": "region", "is": "one_of", "value": list(NEAR_SAPPORO)},
        {"field": "industry", "is": "one_of", "value": ["宿泊", "医療・介護", "士業", "情報通信", "不動産"]},
    ],
    "B": [
        {"field": "employees", "is": "at_least", "value": "30"},
        {"field": "region", "is": "one_of", "value": list(WITHIN_A_DAY)},
    ],
}
READ_RULES = {fit: read_conditions(conditions) for fit, conditions in RULES.items()}

# Invented for this: no place, person or company bears them.
COINED = (
    ("霜笛", "shimobue"),
    ("雪繭", "yukimayu"),
    ("凪鐘", "nagikane"),
    ("氷燈", "koriakari"),
    ("綿霧", "watagiri"),
    ("星凍", "hoshigori"),
    ("樺灯", "kabaakari"),
    ("霧樺", "kirikaba"),
    ("月霜", "tsukishimo"),
    ("雪鳴", "yukinari"),
    ("風繭", "kazemayu"),
    ("樹凪", "kinagi"),
    ("氷笛", "koribue"),
    ("霜鐘", "shimogane"),
    ("灯霧", "higiri"),
    ("凪樺", "nagikaba"),
    ("雪笛", "yukibue"),
    ("星樺", "hoshikaba"),
    ("霜繭", "shimomayu"),
    ("樺凪", "kabanagi"),
    ("氷鐘", "korigane"),
    ("月繭", "tsukimayu"),
    ("綿凪", "watanagi"),
    ("霧鈴", "kirisuzu"),
)
# How a company of the kind is called, its domain, its industry, whom one asks for there, and in which part of it.
KINDS = (
    ("ホテル{}", "hotel", "宿泊", "支配人", "宿泊部"),
    ("税理士法人{}会計", "kaikei", "士業", "事務長", "総務"),
    ("{}歯科医院", "dental", "医療・介護", "院長", ""),
    ("社会福祉法人{}会", "care", "医療・介護", "施設長", "事務局"),
    ("株式会社{}システム", "system", "情報通信", "総務ご担当", "管理部"),
    ("{}建設株式会社", "kensetsu", "建設", "総務ご担当", "総務部"),
    ("{}印刷株式会社", "insatsu", "印刷・製造", "工場長", "製造部"),
    ("株式会社{}不動産", "estate", "不動産", "総務ご担当", "営業推進部"),
    ("{}物流株式会社", "logi", "運輸・物流", "所長", "業務課"),
    ("学校法人{}学園", "gakuen", "教育", "事務長", "法人本部"),
)
REGIONS = (
    *("札幌市",) * 11,
    "江別市",
    "北広島市",
    "石狩市",
    "小樽市",
    "恵庭市",
    "千歳市",
    "旭川市",
    "函館市",
    "帯広市",
)
STAFF = (8, 14, 22, 28, 34, 42, 48, 56, 64, 75, 85, 95, 110, 130, 160, 190, 240, 320)
LIST, FAIR, ASKED, TOLD, CHAMBER = "名刺の一覧", "展示会", "問い合わせ", "取引先からの紹介", "商工会の名簿"

# Where those stood that were read in with the list.
BEGAN = {
    "unaware": 44,
    "warming": 32,
    "interested": 40,
    "likely": 12,
    "agreed": 7,
    "met": 11,
    "deal": 18,
    "hold": 6,
    "out": 3,
}
# Who came later: by what, to which stage, and how many in each week from the first after the list.
CAME = (
    (ASKED, "interested", (2, 2, 3, 2, 2, 3, 2, 3, 2, 3, 3, 2)),
    (FAIR, "warming", (0, 0, 0, 11, 2, 0, 0, 0, 0, 0, 0, 0)),
    (TOLD, "interested", (1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0)),
    (CHAMBER, "unaware", (0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 4, 0)),
)
# The chance (in a thousand) to leave a stage within a week, and for which.
LEAVES = {
    "unaware": {"warming": 70, "out": 14},
    "warming": {"interested": 100, "unaware": 14, "out": 12},
    "interested": {"likely": 160, "agreed": 30, "warming": 35, "hold": 35, "lost": 65, "out": 12},
    "likely": {"agreed": 250, "interested": 35, "hold": 40, "lost": 50},
    "agreed": {"met": 640, "likely": 75},
    "met": {"deal": 240, "lost": 100, "hold": 50, "likely": 20},
    "deal": {"won": 46, "lost": 140, "hold": 22},
    "hold": {"interested": 25, "lost": 20},
    "lost": {"unaware": 10},
}
BETTER = {"A": 1.15, "B": 1.0, "C": 0.7}
"""How much likelier a fit goes on, than the chance above says."""
FORWARD = ("unaware", "warming", "interested", "likely", "agreed", "met", "deal", "won")
REASONS = {
    "unaware": ("担当の方が替わり、はじめから伺い直し",),
    "warming": ("便りの第一号を開いてくださった", "導入事例を二度見てくださった", "展示会で一袋をお渡しした"),
    "interested": ("資料請求", "料金の目安のページから問い合わせ", "催しで人数と予算の話が出た"),
    "likely": ("電話で時期を伺えた", "総務の方と話せ、会ってもよいとのこと"),
    "agreed": ("訪問の日時が決まった", "試飲会の日時が決まった"),
    "met": ("試飲会を終え、困りごとと時期を伺えた", "訪問し、決める方のお名前を伺えた"),
    "deal": ("見積もりを求められた", "提案書を求められた"),
    "won": ("契約書に押印", "注文書をいただいた"),
    "lost": ("切り替えの手間", "価格", "いまの機械の契約が残っている", "決める方が替わった", "返事がないまま期限"),
    "hold": ("来期の予算で", "移転が終わってから", "繁忙期が過ぎてから"),
    "out": ("従業員が10名に満たない", "配送できない地域だった"),
}
LATER_KNOWN = range(20, 30)
"""Those of the list whose number of employees was found out only on the way."""
KNOWN_BY_NAME = 100
"""Whose fit somebody set by hand, and why."""
WHY_SET = "三浦の旧知の会社。人数は少ないが、来客の多いショールームがある"


@dataclass(frozen=True)
class Step:
    """A move in a week, on a weekday (Monday is 0): to a stage, or to another fit in the same one."""

    week: int
    weekday: int
    stage: str
    fit: str
    reason: str = ""


@dataclass
class Account:
    """A company on its way. `employees` is what is known in the end, `steps` begin with its coming."""

    number: int
    company: str
    email: str
    contact: str
    role: str
    industry: str
    region: str
    employees: int
    source: str
    is_known_later: bool = False
    fit_is_set: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def revenue(self) -> Decimal | None:
        """What one may guess of its yearly sales; of every third nobody knows."""
        return (
            None
            if self.is_known_later or self.number % 3 == 0
            else Decimal(self.employees * (9 + self.number % 7)) * 1_000_000
        )

    def fit(self, *, is_known: bool = True) -> str:
        known = {"industry": self.industry, "region": self.region, "employees": self.employees if is_known else None}
        return str(Fit.A) if self.fit_is_set else fit_of(known, READ_RULES)


def accounts() -> list[Account]:
    """All of them with the ways they went: by chance, but always the same."""
    chance = Random(329)  # noqa: S311 a story, no secret
    begun = [(0, LIST, stage) for stage, count in BEGAN.items() for _each in range(count)]
    came = [
        (week, source, stage)
        for source, stage, weeks in CAME
        for week, count in enumerate(weeks, start=1)
        for _each in range(count)
    ]
    return [
        walked(founded(number, source, chance), week, stage, chance)
        for number, (week, source, stage) in enumerate([*begun, *sorted(came)])
    ]


def pick(chance: Random, options):
    # `Random.choice` may change from one Python to the next, `random()` never does.
    return options[int(chance.random() * len(options))]


def founded(number: int, source: str, chance: Random) -> Account:
    # Coprime steps, so that neighbours in the list are of different kinds and no two are the same.
    name, romaji = COINED[number * 7 % len(COINED)]
    called, domain, industry, contact, role = KINDS[(number // len(COINED) + number % len(COINED)) % len(KINDS)]
    has_email = number % 8 != 5
    return Account(
        number=number,
        company=called.format(name),
        email=f"soumu@{romaji}-{domain}.example" if has_email else "",
        contact=contact,
        role=role,
        industry=industry,
        region=pick(chance, REGIONS),
        employees=pick(chance, STAFF),
        source=source,
        is_known_later=number in LATER_KNOWN,
        fit_is_set=number == KNOWN_BY_NAME,
    )


def walked(account: Account, week: int, stage: str, chance: Random) -> Account:
    """Let it go its way from the week it came in until now: at most one stage a week."""
    fit = account.fit(is_known=not account.is_known_later)
    weekday = 0 if week == 0 else pick(chance, range(5))
    account.steps.append(Step(week, weekday, stage, fit, "" if week == 0 else pick(chance, REASONS[stage])))
    found_out = pick(chance, range(2, 9)) if account.is_known_later else None
    for each in range(week + 1 if week else 0, WEEKS + 1):
        if each == found_out and fit != account.fit():
            fit = account.fit()
            account.steps.append(Step(each, 0, stage, fit, "従業員の数が分かった"))
        to = left_for(stage, fit, chance)
        if to:
            stage = to
            day = pick(chance, range(1 if each == 0 else 0, 5))
            account.steps.append(Step(each, day, stage, fit, pick(chance, REASONS[stage])))
    return account


def left_for(stage: str, fit: str, chance: Random) -> str:
    """The stage it comes to within a week, "" where it stays."""
    drawn = chance.random() * 1000
    for to, often in odds(stage, fit):
        if drawn < often:
            return to
        drawn -= often
    return ""


def odds(stage: str, fit: str) -> Iterator[tuple[str, float]]:
    for to, often in LEAVES.get(stage, {}).items():
        goes_on = stage in FORWARD and to in FORWARD and FORWARD.index(to) > FORWARD.index(stage)
        yield to, often * BETTER[fit] if goes_on else often

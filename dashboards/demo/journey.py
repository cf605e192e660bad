"""How a company becomes a customer of the example company: the journey, its touch points and their content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from funnel.models import Content, ContentFormat, ContentState, Journey, JourneyPhase, Medium, TouchPoint

FRIDAY = 4
NEAR = 3
"""So many days from today on, a day that falls on a weekend is told as the Friday before."""


@dataclass(frozen=True)
class Piece:
    """A piece of content, to be published so many days from today; `published` is when it was."""

    title: str
    format: ContentFormat
    owner: str
    day: int | None
    state: ContentState = ContentState.IDEA
    published: int | None = None
    address: str = ""


@dataclass(frozen=True)
class Met:
    """A touch point; `lever` is of the journey's KGI."""

    key: str
    name: str
    medium: Medium
    lever: str = ""
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """A phase of the journey."""

    name: str
    thinks: str
    wants: str
    condition: str
    met: tuple[Met, ...]


DONE, MAKING = ContentState.DONE, ContentState.MAKING
HOME = "https://nagiyuki.example"

NAME = "会社の珈琲が、凪雪に替わるまで"
CUSTOMER = "札幌圏の、従業員30〜300名の会社。来客と社員の飲みものを任されている総務の方が探し、部長か社長が決める"
PHASES = (
    Stretch(
        "気づく",
        "給湯室の珈琲、だれも楽しみにしていない。かといって、替えるほど困ってもいない",
        "よその会社はどうしているか。替えると何が変わるのか",
        "法人向けのページを一度でも見た、または名刺を交わした",
        (
            Met(
                "search",
                "検索で見つかる読みもの",
                Medium.ONLINE,
                "visits",
                (
                    Piece(
                        "会社の珈琲、一杯いくらが普通か",
                        ContentFormat.ARTICLE,
                        "shiraishi",
                        -31,
                        DONE,
                        -30,
                        f"{HOME}/yomimono/cost-per-cup",
                    ),
                    Piece(
                        "給湯室の当番をなくした会社の話",
                        ContentFormat.ARTICLE,
                        "shiraishi",
                        -18,
                        DONE,
                        -18,
                        f"{HOME}/yomimono/no-duty",
                    ),
                    Piece("来客用の珈琲は、何分前に淹れるか", ContentFormat.ARTICLE, "shiraishi", 0, MAKING),
                    Piece("レンタル機と定期便、三年分をくらべる", ContentFormat.ARTICLE, "shiraishi", 13),
                ),
            ),
            Met(
                "posts",
                "Instagramの投稿",
                Medium.ONLINE,
                "visits",
                (
                    Piece("総務さんの一日（一）朝の給湯室", ContentFormat.SOCIAL, "morishita", -9, DONE, -9),
                    Piece("総務さんの一日（二）十五時の休憩", ContentFormat.SOCIAL, "morishita", 1, MAKING),
                    Piece("総務さんの一日（三）来客の五分前", ContentFormat.SOCIAL, "morishita", 15),
                ),
            ),
            Met(
                "building",
                "同じビルのチラシ",
                Medium.OFFLINE,
                "visits",
                (Piece("「上の階の会社も飲んでいます」チラシ", ContentFormat.PRINT, "kudo", -24, DONE, -22),),
            ),
            Met(
                "fair",
                "展示会のブース",
                Medium.OFFLINE,
                "cv_rate",
                (
                    Piece("会議で使える一袋（名刺と引きかえ）", ContentFormat.PRINT, "nomura", -33, DONE, -33),
                    Piece("ブースで流す焙煎の音の動画", ContentFormat.VIDEO, "shiraishi", -35, DONE, -34),
                ),
            ),
        ),
    ),
    Stretch(
        "調べる",
        "うちの人数だと、いくらになるのだろう。手間が増えるなら、上には言えない",
        "料金の目安、同じ業種の会社の例、機械や掃除がどうなるか",
        "料金の目安か導入事例を見て、資料請求か問い合わせをした",
        (
            Met(
                "prices",
                "料金の目安のページ",
                Medium.ONLINE,
                "cv_rate",
                (
                    Piece(
                        "人数を入れると月額が出るページ",
                        ContentFormat.PAGE,
                        "kudo",
                        -28,
                        DONE,
                        -26,
                        f"{HOME}/office/price",
                    ),
                    Piece("よくある質問を、断られた理由から書き直す", ContentFormat.PAGE, "kudo", -4, MAKING),
                ),
            ),
            Met(
                "cases",
                "導入事例",
                Medium.ONLINE,
                "cv_rate",
                (
                    Piece(
                        "導入事例：ホテルの朝食会場",
                        ContentFormat.CASE,
                        "shiraishi",
                        -15,
                        DONE,
                        -13,
                        f"{HOME}/office/cases/hotel",
                    ),
                    Piece("導入事例：歯科医院の待合室", ContentFormat.CASE, "shiraishi", -8, MAKING),
                    Piece("導入事例：介護施設の午後のお茶", ContentFormat.CASE, "shiraishi", 17),
                ),
            ),
            Met(
                "letter",
                "総務の方への月一通の便り",
                Medium.ONLINE,
                "cv_rate",
                (
                    Piece("便り 第一号：来客の季節と珈琲の温度", ContentFormat.MAIL, "kudo", -12, DONE, -12),
                    Piece("便り 第二号：歓送迎会の翌朝に", ContentFormat.MAIL, "kudo", 18),
                ),
            ),
            Met(
                "introduced",
                "取引先からの紹介カード",
                Medium.OFFLINE,
                "visits",
                (Piece("紹介カード（請求書に同封）", ContentFormat.PRINT, "morishita", 6, MAKING),),
            ),
        ),
    ),
    Stretch(
        "試す",
        "おいしいのは分かった。社員が飲むか、機械の置き場はあるか",
        "社員の反応、置き場所と電源、続けたときの手間",
        "社内で試飲し、いつから始めたいかの話が出た",
        (
            Met(
                "trial",
                "試飲の申し込み",
                Medium.ONLINE,
                "cv_rate",
                (
                    Piece(
                        "三問で終わる申し込みの画面",
                        ContentFormat.PAGE,
                        "kudo",
                        -7,
                        DONE,
                        -5,
                        f"{HOME}/office/trial",
                    ),
                    Piece("届く前に見る、淹れ方の一分動画", ContentFormat.VIDEO, "onodera", 9, MAKING),
                ),
            ),
            Met(
                "tasting",
                "社内の試飲会",
                Medium.OFFLINE,
                "win_rate",
                (
                    Piece("十五時の試飲会（月三回）", ContentFormat.EVENT, "nomura", -3, DONE, -3),
                    Piece("試飲会で配る、豆の味の地図", ContentFormat.PRINT, "onodera", 20),
                    Piece("飲み終えた方に一言いただくカード", ContentFormat.PRINT, "morishita", None),
                ),
            ),
        ),
    ),
    Stretch(
        "決める",
        "稟議に何と書けば通るだろう。今の業者に断りを入れるのも気が重い",
        "稟議に書ける数字、切り替えの段取り、やめたくなったときの条件",
        "見積もりに決裁の印が押され、始める日が決まった",
        (
            Met(
                "proposal",
                "提案書と見積もり",
                Medium.OFFLINE,
                "win_rate",
                (
                    Piece("介護施設向け 提案書のひな形", ContentFormat.PAPER, "nomura", -6, DONE, -6),
                    Piece("切り替えの一週間、だれが何をするか", ContentFormat.PAPER, "nomura", 11),
                ),
            ),
            Met(
                "ringi",
                "稟議に貼れる一枚",
                Medium.ONLINE,
                "win_rate",
                (Piece("稟議用の一枚（費用・手間・解約の条件）", ContentFormat.PAPER, "fujiwara", 8, MAKING),),
            ),
            Met(
                "roastery",
                "焙煎所の朝の見学",
                Medium.OFFLINE,
                "win_rate",
                (Piece("朝七時の焙煎所へのご招待状", ContentFormat.PRINT, "onodera", -16, DONE, -15),),
            ),
        ),
    ),
    Stretch(
        "続けて、すすめる",
        "来客に褒められた。ほかの会社の総務仲間にも教えたい",
        "飽きない工夫、増減や休みの融通、紹介したときのこと",
        "三か月続き、ほかの会社をひとつ紹介してくださった",
        (
            Met(
                "third-month",
                "三か月目の訪問",
                Medium.OFFLINE,
                "visits",
                (Piece("社員の声を集める一枚のアンケート", ContentFormat.PRINT, "morishita", -11, DONE, -10),),
            ),
            Met("users-letter", "ご利用中の会社への便り", Medium.ONLINE, "visits"),
        ),
    ),
)
"""On purpose the last touch point has neither content nor action, and none of them serves the deal rate."""


def on_a_workday(company: Company, days: int) -> date:
    """So many days from today; farther away, the Friday before where that is a weekend."""
    day = company.days.today + days * DAY
    return day - max(0, day.weekday() - FRIDAY) * DAY if abs(days) >= NEAR else day


def draw_journey(company: Company) -> None:
    """The journey as marketing wrote it down when the quarter began, and its content since."""
    drawn_on = company.days.spans["current"].start + DAY
    with company.acting("kudo", company.at(drawn_on, "13:40")) as by:
        journey = Journey.objects.create(
            organization=company.organization,
            kgi=company.kgis["corporate"],
            name=NAME,
            customer=CUSTOMER,
            created_by=by,
            submission_key=key("journey", "corporate"),
        )
        phases = JourneyPhase.objects.bulk_create(
            JourneyPhase(
                journey=journey,
                name=phase.name,
                thinks=phase.thinks,
                wants=phase.wants,
                condition=phase.condition,
                position=position,
            )
            for position, phase in enumerate(PHASES)
        )
        places = [
            (row, met, place) for row, phase in zip(phases, PHASES, strict=True) for place, met in enumerate(phase.met)
        ]
        points = TouchPoint.objects.bulk_create(
            TouchPoint(
                phase=phase,
                number=number,
                name=met.name,
                medium=met.medium,
                kpi=company.kpis[f"corporate/{met.lever}"] if met.lever else None,
                position=place,
            )
            for number, (phase, met, place) in enumerate(places, start=1)
        )
        company.touch_points |= {met.key: point for (_phase, met, _place), point in zip(places, points, strict=True)}
        planned = [
            (piece, content_of(company, company.touch_points[met.key], piece, number))
            for _phase, met, _place in places
            for number, piece in enumerate(met.pieces, start=1)
        ]
        Content.objects.bulk_create(content for _piece, content in planned)
    take_up(company, [content for piece, content in planned if piece.state == MAKING])
    for piece, content in planned:
        if piece.published is not None:
            publish(company, piece, content)


def content_of(company: Company, point: TouchPoint, piece: Piece, number: int) -> Content:
    """A piece as it was first thought of."""
    return Content(
        touch_point=point,
        number=number,
        title=piece.title,
        format=piece.format,
        owner=company.people[piece.owner],
        publish_on=None if piece.day is None else on_a_workday(company, piece.day),
        created_by=company.people["kudo"],
        submission_key=key("content", piece.title),
    )


def take_up(company: Company, contents: Iterable[Content]) -> None:
    """What is in the making now was taken up in one meeting ten days ago."""
    rows = list(contents)
    for row in rows:
        row.state = MAKING
        row.version += 1
    with company.acting("kudo", company.at(on_a_workday(company, -10), "10:30")):
        Content.objects.bulk_update(rows, ["state", "version"])


def publish(company: Company, piece: Piece, content: Content) -> None:
    day = on_a_workday(company, piece.published or 0)
    with company.acting(piece.owner, company.at(day, "11:50")):
        content.state, content.published_on, content.address = DONE, day, piece.address
        content.version += 1
        content.save()

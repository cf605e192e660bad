"""What was said at four points of the first three quarters, and how their objectives ended."""

from collections.abc import Mapping

from dashboards.demo.story import Ended, Log, Note

SAID_IN = (2, 5, 9, 12)
"""The weeks in which people reported: once a month, as they did at the beginning."""
WEEKS = 13


def said(values: str, confidence: str, notes: Mapping[int, Note] | None = None) -> Log:
    """The log of a key result that was reported on in these weeks alone."""
    places = [["-"] * WEEKS, ["-"] * WEEKS]
    for place, words in zip(places, (values.split(), confidence.split()), strict=True):
        for week, word in zip(SAID_IN, words, strict=True):
            place[week] = word
    return Log(" ".join(places[0]), " ".join(places[1]), notes or {})


EARLIER_CHECK_INS = {
    "first-visits": said("424 431 440 452", "8 7 5 4", {12: Note(next="目標の大きさに、だれも本気になれなかった")}),
    "first-beans": said("110 260 430 560", "8 7 6 5"),
    "first-online": said("425 448 470 498", "8 8 6 4"),
    "first-readers": said("1000 1180 1350 1520", "9 8 7 5"),
    "first-contracts": said("3 8 12 17", "8 7 5 3", {5: Note(obstacle="契約書のひな形がなく、一社ごとに作っている")}),
    "first-calls": said("30 70 105 140", "8 7 6 4"),
    "first-faults": said("2.8 2.5 2.1 2.4", "7 8 9 9"),
    "first-cleaned": said("3 6 10 12", "8 9 9 10"),
    "second-cards": said("1260 1400 1580 1720", "8 7 6 5"),
    "second-introduced": said("15 44 76 101", "7 6 6 5", {9: Note(well="紹介カードを会計のときに渡すと増えた")}),
    "second-online": said("505 518 531 545", "7 7 5 4"),
    "second-readers": said("1600 1740 1890 2010", "7 7 7 6"),
    "second-contracts": said("4 9 15 21", "7 6 5 4"),
    "second-visits": said("11 30 44 58", "7 6 6 5"),
    "second-letters": said("3 6 9 12", "9 9 10 10"),
    "second-signs": said(
        "6 12 18 24", "9 10 10 10", {12: Note(well="はじめから毎週やっていたことを、数えただけだった")}
    ),
    "second-faults": said("2.2 2.0 1.9 2.1", "8 8 9 9"),
    "second-trials": said("2 3 5 6", "8 8 9 10"),
    "third-beans": said("190 430 735 985", "6 6 6 7"),
    "third-outside": said("25.1 27.0 29.4 31.0", "6 6 7 7"),
    "third-online": said("566 588 606 620", "6 6 6 7"),
    "third-replies": said("18 15.5 13 11.5", "6 7 7 7", {5: Note(well="よくある質問を十問だけ載せたら、半分に減った")}),
    "third-contracts": said("4 10 15 19", "6 5 4 4"),
    "third-tried": said("17 38 62 79", "6 6 6 6"),
    "third-visits": said("70 180 298 396", "6 6 6 7"),
    "third-voices": said("6 13 20 26", "7 7 8 8"),
    "third-faults": said(
        "1.9 1.8 2.2 1.7", "8 8 6 7", {9: Note(obstacle="停電で釜が途中で止まり、一回分を焼き直した")}
    ),
    "third-checks": said("4 8 11 14", "8 8 9 10"),
}

EARLIER_ENDINGS = {
    "first-city": Ended("dropped", "来店を一度に増やすより、続けて来てくださる方を増やすことに切り替える。"),
    "first-scent": Ended("carried", "月商も登録もまだ半ば。終わりの値から始めて、もう一期続ける。"),
    "first-name": Ended("dropped", "数を追う訪問は続かなかった。一社に何度も伺う形に改める。"),
    "first-same": Ended("finished"),
    "second-promise": Ended("finished"),
    "second-scent": Ended("finished", "香りの言葉は定着した。次は、はじめての注文の不安をなくすことに力を移す。"),
    "second-again": Ended("finished"),
    "second-news": Ended("finished", "毎週の仕事として続ける。次はもっと先にある目標を選ぶ。"),
    "second-same": Ended("finished"),
    "third-home": Ended("finished"),
    "third-first": Ended("finished"),
    "third-taste": Ended("finished", "試飲は営業の標準の流れに入れた。"),
    "third-visit": Ended("finished"),
    "third-machine": Ended(
        "finished",
        "点検は毎月の当番表に入れた。",
        0.95,
        "基準を超えた一度は停電によるもので、点検の行き届かなさではない。翌日の焼き直しで店頭に影響は出ていない。",
    ),
}

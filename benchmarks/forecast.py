"""The forecast held against what came, beside two plain baselines; and how long it takes.

Everything is drawn from fixed seeds. The model's numbers were tuned on the first seven courses; by seven more, held
out, one version of the model was chosen over another; the last four were written when it was finished. The baselines
know what the model's defaults do not: the errors they made on the first seven.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence

from benchmarks.forecasts import confidence, example, simulated
from benchmarks.forecasts.courses import UNSEEN
from benchmarks.forecasts.history import History
from benchmarks.forecasts.judging import (
    SHARES,
    Quality,
    Teller,
    Told,
    WithItsErrors,
    by_model,
    calibration,
    plainly,
    quality,
    stays,
    straight,
)
from objectives.formulas.forecast import forecast_key_result

EACH = 40
TRAINING, HELD_OUT, LEARNING, UNSEEN_SEED = 20260401, 77, 4, 1


def tellers(learning: Sequence[History]) -> dict[str, Teller]:
    return {
        "model": by_model,
        "stays": plainly(stays),
        "straight": plainly(straight),
        "stays, with its errors": WithItsErrors(stays, learning),
        "straight, with its errors": WithItsErrors(straight, learning),
    }


def tell(teller: Teller, histories: Iterable[History]) -> list[Told]:
    found = (teller(history, share) for history in histories for share in SHARES)
    return [row for row in found if row is not None]


def line(name: str, who: str, found: Quality) -> str:
    brier = " | ".join(f"{part:.3f}" for part in found.brier)
    ends = f"{found.coverage:.0%} | {found.width:.2f} | {found.pinball:.3f}"
    return f"| {name} | {who} | {found.number} | {brier} | {ends} |"


def head() -> None:
    print("| | | forecasts | Brier ≥ 0.6 | ≥ 0.7 | target | inside the range | width | pinball |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")


def table(title: str, told: dict[str, list[Told]], part: Callable[[Told], object], names: Sequence[str]) -> None:
    print(f"\n{title}\n")
    head()
    for key in dict.fromkeys(part(row) for row in told["model"]):
        for name in names:
            rows = [row for row in told[name] if part(row) == key]
            print(line(f"{key:.0%}" if isinstance(key, float) else str(key), name, quality(rows)))


def compare(title: str, histories: Sequence[History], who: dict[str, Teller], *, parts: bool = True) -> None:
    told = {name: tell(teller, histories) for name, teller in who.items()}
    table(f"### {title}", told, lambda row: "all", list(who))
    fair = ["model", *(name for name in who if "errors" in name)]
    if parts:
        table("By kind:", told, lambda row: row.kind, fair)
        table("By course:", told, lambda row: row.family, fair)
    table("By elapsed share:", told, lambda row: row.share, fair)
    if parts:
        print("\nSaid and come, both limits of the band:\n\n| said | came | forecasts |\n|---:|---:|---:|")
        for said, came, number in calibration(told["model"]):
            print(f"| {said:.2f} | {came:.2f} | {number:,} |")


def measure_time(histories: Sequence[History]) -> None:
    asked = [(history, *history.until(history.day_at(0.75)), history.day_at(0.75)) for history in histories]
    print("\n| kind | readings | processor time a forecast |\n|---|---:|---:|")
    for kind in dict.fromkeys(history.kind for history in histories):
        rows = [row for row in asked if row[0].kind == kind]
        spent = processor(lambda rows=rows: [ask(row) for row in rows]) / len(rows)
        print(f"| {kind} | {sum(len(row[2]) for row in rows) / len(rows):.0f} | {spent * 1e6:,.0f} µs |")
    ten_thousand = (asked * (10_000 // len(asked) + 1))[:10_000]
    print(f"| 10,000 of all kinds | | {processor(lambda: [ask(row) for row in ten_thousand]):.2f} s |")


def ask(row: tuple) -> object:
    history, measure, said, day = row
    return forecast_key_result(measure, history.intent, history.span, said, day)


def processor(act: Callable[[], object]) -> float:
    act()
    began = time.process_time()
    act()
    return time.process_time() - began


def main() -> None:
    each = int(sys.argv[1]) if len(sys.argv) > 1 else EACH
    learning = list(simulated.histories(each, held_out=False, seed=LEARNING))
    training = list(simulated.histories(each, held_out=False, seed=TRAINING))
    held_out = list(simulated.histories(each, held_out=True, seed=HELD_OUT))
    who = tellers(learning)
    compare("Courses the model was tuned on", training, who)
    compare("Courses held out", held_out, who)
    compare("Courses unseen", list(simulated.histories(each, held_out=True, seed=UNSEEN_SEED, courses=UNSEEN)), who)
    company = list(example.histories())
    compare("The example company's quarter before", company, who, parts=False)
    confidence.compare(training, held_out, company)
    measure_time(held_out)


if __name__ == "__main__":
    main()

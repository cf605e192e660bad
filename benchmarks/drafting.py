"""The coach of drafts held against labelled drafts, and its time against reading the same words."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from statistics import mean

from benchmarks.measuring import compare, head, set_up

set_up()

from benchmarks.drafts.coaching import check, draft_of  # noqa: E402
from benchmarks.drafts.reading import LANGUAGES, QUALITIES, LabelledDraft, drafts  # noqa: E402
from benchmarks.drafts.scoring import Tally, Verdict, judge, overall, tallies  # noqa: E402
from objectives.formulas.drafting.coach import check as coach  # noqa: E402
from objectives.sentences.drafting import worded_all  # noqa: E402


def verdict_of(draft: LabelledDraft) -> Verdict:
    return judge(draft, [(finding.rule, finding.where) for finding in check(draft.request).findings])


def line(name: str, tally: Tally) -> str:
    shares = f"{tally.precision:.3f} | {tally.recall:.3f}"
    return f"| {name} | {tally.labels} | {tally.alarms} | {tally.false_alarms} | {tally.missed} | {shares} |"


def table(verdicts: Sequence[Verdict]) -> None:
    print(f"\n| of {len(verdicts)} drafts | labels | alarms | false | missed | precision | recall |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for rule, tally in tallies(verdicts).items():
        print(line(f"`{rule}`", tally))
    print(line("all", overall(verdicts)))


def strengths(labelled: Sequence[LabelledDraft]) -> None:
    """Whether the strength of a draft follows its quality: the mean, and how often a better draft is the stronger."""
    strength = {
        quality: [check(one.request).strength for one in labelled if one.quality == quality] for quality in QUALITIES
    }
    print("\n| quality | drafts | mean strength | stronger than a draft of the next quality |")
    print("|---|---:|---:|---:|")
    for quality, below in zip(QUALITIES, [*QUALITIES[1:], None], strict=True):
        pairs = [one > other for one in strength[quality] for other in strength.get(below or "", [])]
        ahead = f"{mean(pairs):.0%}" if pairs else ""
        print(f"| {quality} | {len(strength[quality])} | {mean(strength[quality]):.0f} | {ahead} |")


def tell_errors(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        part = "held out" if verdict.draft.is_held_out else "tuning"
        for rule, where in verdict.false_alarms:
            print(f"{part}: false alarm: {rule} at {where}: {verdict.draft.title}")
        for label in verdict.missed:
            print(f"{part}: missed: {label.rule} at {' or '.join(label.places)}: {verdict.draft.title}")


def words(request: dict) -> list[str]:
    return [request["objective"]["title"], *(each["title"] for each in request.get("key_results", []))]


def speed(labelled: Sequence[LabelledDraft]) -> None:
    """The floor only normalizes the same words, which any reading of them begins with."""
    texts = [text for draft in labelled for text in words(draft.request)]
    ready = [draft_of(draft.request) for draft in labelled]

    def normalize() -> None:
        for text in texts:
            unicodedata.normalize("NFKC", text).casefold()

    def answer() -> None:
        for draft in labelled:
            worded_all(check(draft.request))

    head()
    compare(
        f"judging {len(labelled)} drafts, beside normalizing their words", lambda: list(map(coach, ready)), normalize
    )
    compare("the same, with reading the request and putting it in words", answer, normalize)


def main() -> None:
    labelled = drafts()
    verdicts = [verdict_of(draft) for draft in labelled]
    for name, chosen in [
        ("Tuning", [verdict for verdict in verdicts if not verdict.draft.is_held_out]),
        ("Held out", [verdict for verdict in verdicts if verdict.draft.is_held_out]),
        *(
            (f"All in {language}", [each for each in verdicts if each.draft.language == language])
            for language in LANGUAGES
        ),
        ("All", verdicts),
    ]:
        print(f"\n{name}")
        table(chosen)
    strengths([draft for draft in labelled if draft.request.get("key_results")])
    print()
    speed(labelled)
    if "--verbose" in sys.argv[1:]:
        print()
        tell_errors(verdicts)


if __name__ == "__main__":
    main()

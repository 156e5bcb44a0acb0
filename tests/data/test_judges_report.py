"""What the report says of judges and of second attempts."""

from data.agreement import rate
from data.funnel import Funnel, Tally
from data.judging import Audit, Judging, calibration_of
from data.report.judges import attempts, judges
from data.report.page import Page, render

CASES = [(None, True)] * 9 + [(None, False)] + [("wrong_enum", False)] * 3 + [("extra_call", True)]


def judging(name: str = "qwen3-8b") -> Judging:
    measured = calibration_of(name, CASES)
    assert measured is not None
    return Judging(
        key="k",
        version="judge@1",
        judges=(name,),
        samples=3,
        vote="majority",
        self_judged=(name,),
        clean=10,
        faulty=4,
        calibrations=(measured,),
        unseen=("unknown_tool",),
        audit=Audit(judge="other", agreeing=rate(19, 20), no_verdict=1, ac1=0.94),
    )


def test_rates_come_with_their_intervals_and_each_kind_with_its_counts() -> None:
    shown = judges(judging())
    assert shown is not None
    assert shown.lead == "Judged by qwen3-8b, with 3 opinions each: more than half of 3 must agree."
    head, row = shown.measured
    assert row == (
        "qwen3-8b", "75.0 % (30.1 % – 95.4 %)", "10.0 % (1.8 % – 40.4 %)", "85.7 %", "0.76", "0"
    )  # fmt: skip
    assert len(head) == len(row)
    assert shown.kinds[1:] == (("extra call", "0 of 1"), ("wrong enum", "3 of 3"))
    assert shown.unseen == ("unknown tool",)
    assert any(note.startswith("Self-judged: qwen3-8b") for note in shown.notes)
    assert any("other finds 95.0 %" in note for note in shown.notes)


def test_the_page_shows_them_and_no_name_of_a_model_is_markup() -> None:
    hostile = "<script>alert(1)</script>"
    page = Page(
        title="run",
        lead="",
        funnel=Funnel(drafts=10, kept=8, rejected={"semantic": {"x": 2}}),
        meanings={},
        sample={"rows": [], "tools": []},
        judging=judging(hostile),
    )
    text = render(page)
    assert "Faults caught, by kind" in text and 'href="#judges"' in text
    assert "&lt;script&gt;alert(1)" in text and hostile not in text
    assert 'href="#judges"' not in render(Page("run", "", page.funnel, {}, page.sample))


def test_judges_that_were_not_measured_are_not_vouched_for() -> None:
    shown = judges(judging().model_copy(update={"calibrations": (), "self_judged": ()}))
    assert shown is not None and shown.measured == ()
    assert "not calibrated" in shown.notes[0]


def test_the_yields_of_both_attempts_are_told_apart() -> None:
    funnel = Funnel(drafts=100, kept=90, retried=Tally(drafts=20, kept=15))
    assert attempts(funnel) == (
        "75.0 % of the drafts were kept at their first attempt. 20 went back with their error, 15 "
        "of them (75.0 %) were kept after that: 90.0 % in all."
    )
    assert attempts(Funnel(drafts=100, kept=90)) is None

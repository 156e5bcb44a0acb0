"""What models write, read as the one thing it can mean, or refused with the exact reason."""

import json
from typing import Any

import pytest

from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.pairs import REASONS, BadPair, Pair, read_pairs

CALL = {"name": "convert_length", "arguments": {"value": 5}}
OTHER = {"name": "convert_length", "arguments": {"value": 6}}
PAIR = {"query": "convert 5", "answers": [CALL]}
OTHER_PAIR = {"query": "convert 6", "answers": [OTHER]}
C, O2, P, P2 = (json.dumps(value) for value in (CALL, OTHER, PAIR, OTHER_PAIR))
ANSWER = json.dumps({"pairs": [PAIR]})
FENCE = "```"
TOOL = json.dumps(
    {"name": "convert_length", "description": "x", "parameters": {"type": "object"}}
)  # fmt: skip


def read(text: str, **fields: Any) -> list[Pair | BadPair]:
    return read_pairs(Completion(text=text, **fields))


def said(pair: Pair | BadPair) -> tuple[str | None, list[dict[str, Any]]]:
    assert isinstance(pair, Pair), pair
    return pair.query, [{"name": c.name, "arguments": c.arguments} for c in pair.calls]


def without(key: str, **more: Any) -> str:
    return json.dumps({k: v for k, v in PAIR.items() if k != key} | more)


WRAPPED = [
    ANSWER, P, f"[{P}]", f"\ufeff{ANSWER}", f"\u200b{ANSWER}\u200b", ANSWER.replace(", ", ",\r\n"),
    f"json\n{ANSWER}", f"Here is the answer:\n{ANSWER}\nIt converts {{a}} to {{b}}.",
    f"{FENCE}json\n{ANSWER}\n{FENCE}", f"{FENCE}json\r\n{ANSWER}\r\n{FENCE}\r\nDone.",
    f"{FENCE}json\n{ANSWER}", f"{FENCE}{ANSWER}{FENCE}", f"{FENCE}JSON5\n{ANSWER}\n{FENCE} end",
    f"{FENCE}python\nx = {{1, 2}}\n{FENCE}\n{FENCE}json\n{ANSWER}\n{FENCE}",
    f"{FENCE}json\n{TOOL}\n{FENCE}\nso\n{FENCE}json\n{ANSWER}\n{FENCE}",
    f"The tools:\n{TOOL}\nThe answer:\n{ANSWER}",
    f"{ANSWER}\n{ANSWER}", f"{FENCE}\n{ANSWER}\n{FENCE}\nor inline {P}",
    f"{ANSWER}\n\nThis calls {C} with {{\"value\": 5}}.", f"See [1] and [2].\n{ANSWER}",
    f"<think>maybe {P2}</think>{ANSWER}", f"<think>a <think> b</think> c</think>\n{ANSWER}",
    f"maybe {P2}\n</think>\n{ANSWER}", f'maybe {{"query": broken\n</think>\n{ANSWER}',
    f"<THINK>{P2}</THINK> {ANSWER}", f"<scratch_pad>{P2}</scratch_pad> {ANSWER}",
    f"<|begin_of_thought|>{P2}<|end_of_thought|>{ANSWER}", f"◁think▷{P2}◁/think▷{ANSWER}",
    f"<|channel|>analysis<|message|>{P2}<|end|><|start|>assistant<|channel|>final<|message|>{P}",
    f"<thinking>{P2}</thinking> {ANSWER}", f"[THINK]{P2}[/THINK]{ANSWER}",
    f"Well. <think>{P2}</think> {ANSWER} <think>never closed {P2}", json.dumps(ANSWER),
    without("answers", answer=[CALL]), without("answers", answers=CALL),
    without("answers", answers=json.dumps([CALL])), without("answers", ANSWERS=[CALL]),
    without("answers", tool_calls=[CALL]), without("answers", answers=[CALL], answer=[CALL]),
    json.dumps({"pairs": PAIR}), json.dumps({"pairs": json.dumps([PAIR])}),
    json.dumps({"question": "convert 5", "answers": [CALL]}),
    without("query", Query="convert 5"), json.dumps({**PAIR, "difficulty": "easy"}),
    without("answers", answers=[{"name": "convert_length", "arguments": '{"value": 5}'}]),
    without("answers", answers=[{"name": "convert_length", "parameters": {"value": 5}}]),
    without("answers", answers=[{"type": "function", "id": "x", "function": CALL}]),
]  # fmt: skip


@pytest.mark.parametrize("text", WRAPPED)
def test_one_pair_is_found_in_whatever_wrapping(text: str) -> None:
    assert [said(pair) for pair in read(text)] == [("convert 5", [CALL])]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (C, [CALL]), (f"[{C}, {O2}]", [CALL, OTHER]), (f"{C}\n{O2}", [CALL, OTHER]),
        (f"{C}; {O2}", [CALL, OTHER]), ("[]", []),
        (f"<tool_call>\n{C}\n</tool_call>", [CALL]),
        (f"<tool_call>\n{C}", [CALL]),
        (f"Sure.\n<tool_call>{C}</tool_call>\n<tool_call>{O2}</tool_call>", [CALL, OTHER]),
        (f"[TOOL_CALLS] [{C}]", [CALL]), (f"<|python_tag|>{C}", [CALL]),
        (json.dumps({"name": "convert_length", "parameters": {"value": 5}}), [CALL]),
        (json.dumps({"name": "convert_length", "args": {"value": 5}, "id": "1"}), [CALL]),
        (json.dumps({"function": "convert_length", "arguments": {"value": 5}}), [CALL]),
        (json.dumps({"role": "assistant", "content": None, "tool_calls": [{"type": "function",
         "function": {"name": "convert_length", "arguments": '{"value": 5}'}}]}), [CALL]),
        (json.dumps({"tool": "convert_length", "tool_input": {"value": 5}}), [CALL]),
        (json.dumps({"function_call": {"name": "convert_length", "arguments": '{"value": 5}'}}),
         [CALL]),
        ('{"name": "now"}', [{"name": "now", "arguments": {}}]),
        ('{"name": "now", "arguments": null}', [{"name": "now", "arguments": {}}]),
        ('{"name": "now", "arguments": ""}', [{"name": "now", "arguments": {}}]),
        ('{"name": "now", "arguments": "{}"}', [{"name": "now", "arguments": {}}]),
        (json.dumps({"name": "f", "arguments": {"Query": "x", "query": "y"}}),
         [{"name": "f", "arguments": {"Query": "x", "query": "y"}}]),
    ],
)  # fmt: skip
def test_calls_alone_are_a_pair_without_a_query(text: str, calls: list[dict[str, Any]]) -> None:
    assert [said(pair) for pair in read(text)] == [(None, calls)]


DEEPSEEK = (
    "<｜tool▁call▁begin｜>function<｜tool▁sep｜>convert_length\n```json\n{arguments}\n```"
    "<｜tool▁call▁end｜>"
)
NAMED = {
    "llama": "<function=convert_length>{arguments}</function>",
    "mistral": "[TOOL_CALLS]convert_length[ARGS]{arguments}",
    "mistral without a mark": "[TOOL_CALLS]convert_length{arguments}",
    "deepseek": DEEPSEEK,
    "deepseek, newer": "<｜tool▁call▁begin｜>convert_length<｜tool▁sep｜>{arguments}"
    "<｜tool▁call▁end｜>",
    "kimi": "<|tool_call_begin|>convert_length:0<|tool_call_argument_begin|>{arguments}"
    "<|tool_call_end|>",
    "harmony": "<|channel|>commentary to=convert_length <|constrain|>json<|message|>{arguments}"
    "<|call|>",
    "react": "Thought: 5\nAction: convert_length\nAction Input: {arguments}",
}


@pytest.mark.parametrize("family", NAMED)
def test_arguments_behind_a_tag_that_names_the_function_are_a_call(family: str) -> None:
    one, other = (NAMED[family].replace("{arguments}", f'{{"value": {n}}}') for n in (5, 6))
    assert [said(pair) for pair in read(one)] == [(None, [CALL])]
    assert [said(pair) for pair in read(f"{one}\nI have called it.")] == [(None, [CALL])]
    with pytest.raises(NoAnswer, match="control character"):
        read(one.replace('"value"', '"value\n'))
    if family not in ("harmony", "react"):  # one call a message
        assert [said(pair) for pair in read(f"{one}\n{other}")] == [(None, [CALL, OTHER])]
    with pytest.raises(NoAnswer, match="2 different answers"):
        read(f"{one} or rather {other}")


def test_a_quotation_of_the_answers_calls_is_none_of_its_own() -> None:
    both = json.dumps({"query": "both", "answers": [CALL, OTHER]})
    assert [said(p) for p in read(f"{both}\nSo {C}, then {O2}.")] == [("both", [CALL, OTHER])]
    with pytest.raises(NoAnswer, match="2 different answers"):
        read(f"{both}\nSo {json.dumps({'name': 'convert_length', 'arguments': {'value': True}})}.")


def test_pairs_line_by_line_are_a_list_of_pairs() -> None:
    assert [said(pair)[0] for pair in read(f"{P}\n{P2}\n")] == ["convert 5", "convert 6"]


def test_thinking_goes_with_an_answer_that_has_no_query() -> None:
    [alone] = read(f"<think>a b</think>{C}")
    [generated] = read(f"<think>write a query</think>{P}")
    [own] = read(json.dumps({"thought": "mine", "tool_calls": [CALL]}))
    assert [pair.thought for pair in (alone, generated, own) if isinstance(pair, Pair)] == [
        "a b", None, "mine",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty_answer"), ("\ufeff\n", "empty_answer"), ("I cannot.", "no_answer"),
        ("see {a} and [b]", "no_answer"), (TOOL, "not_a_pair"), (f"{TOOL} {TOOL}", "no_answer"),
        (f"<think>{P}", "no_answer"), ('{"city": "Rome"}', "not_a_pair"),
        ("[convert_length(value=5)]", "python_call"), ("[1, 2]", "not_a_pair"),
        (f"{FENCE}python\nconvert_length(value=5)\n{FENCE}", "python_call"),
        (P.replace('"', "'"), "malformed_json"), (P.replace('"', "“"), "malformed_json"),
        (P.replace('"value": 5', '"value": 5 // five'), "malformed_json"),
        (P.replace('"value": 5', '"value": 5,'), "malformed_json"),
        (P.replace("5}", "True}"), "malformed_json"),
        (P.replace(", ", ",\u200b"), "malformed_json"),
        (P.replace('"value": 5', '"value": "\\ud800"'), "malformed_json"),
        (P.replace('"value": 5', '"value": -Infinity'), "malformed_json"),
        (f"Sure: {ANSWER[:-2]}", "malformed_json"),
        (f"{FENCE}json\n{P[:-3]}\n{FENCE}", "malformed_json"),
        (f"{FENCE}json\n{P[:-3]}\n{FENCE}\n{FENCE}json\n{P}\n{FENCE}", "malformed_json"),
        (f"Example: {P2}\nAnswer: {P}", "ambiguous"), (f"{C} or rather {O2}", "ambiguous"),
        (f"{P}\n{without('answers', answers=[OTHER])}", "ambiguous"),
        (P.replace("5}", "1}") + P.replace("5}", "1.0}"), "ambiguous"),
        (f"{FENCE}\n{C}\n{FENCE}\n{FENCE}\n{O2}\n{FENCE}", "ambiguous"),
        (f"{P} also {O2}", "ambiguous"),
    ],
)  # fmt: skip
def test_what_is_no_single_answer_is_refused_as_a_whole(text: str, reason: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        read(text)
    assert caught.value.reason == reason
    assert reason in REASONS


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        (without("answers"), "not_a_pair", "`answers` is missing"),
        (without("answers", answers=5), "not_a_pair", "`answers`: expected a list, got a number"),
        (without("answers", answers=[5]), "not_a_call", "call_0: expected an object, got a number"),
        (without("query", query=5), "no_query", "`query`: expected text, got a number"),
        (without("answers", answers=[CALL], answer=[OTHER]), "ambiguous", "`answers` and `answer`"),
        (without("answers", answers=[{**CALL, "parameters": {}}]), "ambiguous", "`parameters`"),
        (without("query", query="a", QUERY="b"), "ambiguous", "differ in case"),
        (without("answers", answers=[{**CALL, "reason": ""}]), "not_a_call", "key `reason`"),
        (without("answers", answers="[oops"), "malformed_json", "`answers`: "),
        (without("answers", answers=[{"name": "f", "arguments": "{a}"}]), "malformed_json", ""),
        (without("answers", answers=[{"name": "f", "arguments": "5"}]), "not_a_call", "a number"),
        (without("answers", answers=[{"name": None}]), "not_a_call", "call_0.name"),
        (without("answers", answers=[], reply=5), "not_a_pair", "`reply`"),
        (without("answers", answers=[{"function": CALL, "name": "x"}]), "not_a_call", "around"),
    ],
)  # fmt: skip
def test_a_bad_pair_is_refused_alone(text: str, reason: str, detail: str) -> None:
    bad, good = read(f'{{"pairs": [{text}, {P}]}}')
    assert isinstance(bad, BadPair)
    assert (bad.reason, detail in bad.detail) == (reason, True), bad
    assert isinstance(good, Pair)
    assert reason in REASONS


NATIVE = (
    {"id": "x", "type": "function",
     "function": {"name": "convert_length", "arguments": '{"value": 5}'}},
)  # fmt: skip


@pytest.mark.parametrize("text", ["", "I will convert that.", C, f"<tool_call>{C}</tool_call>"])
def test_native_calls_are_read_beside_words_and_their_own_copy(text: str) -> None:
    assert [said(pair) for pair in read(text, tool_calls=NATIVE)] == [(None, [CALL])]


def test_native_calls_beside_another_answer_are_ambiguous() -> None:
    with pytest.raises(NoAnswer, match="native calls, and another answer"):
        read(O2, tool_calls=NATIVE)


@pytest.mark.parametrize(
    ("finish_reason", "reason"), [("length", "truncated"), ("content_filter", "filtered")]
)
def test_a_cut_completion_is_refused_even_if_it_parses(finish_reason: str, reason: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        read(ANSWER, finish_reason=finish_reason)
    assert caught.value.reason == reason


HOSTILE = {
    "brackets": "[" * 100_000,
    "braces": "{" * 100_000,
    "brackets apart": "x [ " * 200_000,
    "objects": '{"a":' * 200_000,
    "lists of objects": '[{"a":' * 150_000,
    "broken objects": '{"a":1 ' * 140_000,
    "broken answers": 'x {"name":1 ' * 80_000,
    "unterminated": '{"a": "' + "x" * 900_000,
    "escaped quotes": '{"a": "\\"{\\"' * 80_000,
    "fences": "```\n{a}\n" * 50_000,
    "answers in fences": "```json\n{}\n```\n" * 50_000,
    "thinking": "<think>" * 140_000,
    "closed thinking": "<think></think>" * 66_000,
    "closing tags": "</think>" * 120_000,
    "broken answers before a closing tag": 'x {"name": oops ' * 55_000 + "</think>",
    "broken answers far from a closing tag": 'x {"name": oops ' * 900 + "<" * 900_000 + "</think>",
    "named calls": '<function=f>{"a": ' * 50_000,
    "names of functions": "<function=" + "f" * 900_000,
    "lists of calls": "\nor ".join(
        json.dumps([{"name": "f", "arguments": {"a": 20 * i + j}} for j in range(20)])
        for i in range(900)
    ),
    "values and closing tags": "{}</think>" * 90_000,
    "quotes": '"' * 900_000,
    "spaces": "{" + " " * 900_000,
    "spaces apart": "[ " * 450_000,
    "call syntax": "f(" * 450_000,
    "call syntax with spaces": "f(" + " " * 900_000,
    "digits": '{"pairs": ' + "9" * 900_000,
    "duplicates": '{"x":[' * 90 + '{"a":1,"a":1},' * 60_000,
    "one string": json.dumps("x" * 900_000),
    "small objects": "{} " * 300_000,
    "calls": f"{C}\n" * 15_000,
    "calls and words": f"{C} x " * 15_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_and_never_breaks_the_reader(name: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        read(HOSTILE[name])
    assert caught.value.reason in REASONS

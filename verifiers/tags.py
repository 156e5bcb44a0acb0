"""The tags that families of models put around thinking and calls, as patterns over plain text.

Special tokens of a tokenizer come through as text where an endpoint does not parse them: Llama's
`<|python_tag|>` and `<function=NAME>`, Hermes' and Qwen's `<tool_call>`, Mistral's `[TOOL_CALLS]`,
DeepSeek's and Kimi's `<|tool_call_begin|>`, Harmony's channels, ReAct's `Action:`. Every pattern
takes time linear in the text.
"""

import re

_WORDS = "think|thinking|thought|reasoning|reflection|analysis|scratch_?pad|seed:think"
THINK_OPEN = (
    rf"<(?:(?i:{_WORDS}) ?>|\|begin_of_thought\|>|(?P<channel>\|channel\|>analysis<\|message\|>))"
    r"|\[THINK\]|◁think▷"
)
THINK_CLOSE = rf"<(?:/(?i:{_WORDS}) ?>|\|end_of_thought\|>)|\[/THINK\]|◁/think▷"
CHANNEL_CLOSE = r"<\|(?:end|start)\|>"
"""Ends a channel of Harmony; elsewhere a mere end of turn."""

_BAR = "[|｜]"
_NAME = r"[\w./-]{1,128}"
NAMED_CALL = (
    rf"<function=(?P<llama>{_NAME})>\s*(?=\{{)"
    rf"|\[TOOL_CALLS\] ?(?P<mistral>{_NAME})(?:\[CALL_ID\]\w{{1,64}})?(?:\[ARGS\])?\s*(?=\{{)"
    rf"|<{_BAR}tool[▁_]call[▁_]begin{_BAR}>\s?(?:function<{_BAR}tool[▁_]sep{_BAR}>)?"
    rf"(?P<deepseek>{_NAME})(?::\d{{1,4}})?"
    rf"(?:<{_BAR}tool[▁_]sep{_BAR}>|<{_BAR}tool_call_argument_begin{_BAR}>)?"
    r"\s{0,9}(?:```json\s{0,9})?(?=\{)"
    rf"|\bto=(?P<harmony>{_NAME})[ \w]{{0,40}}(?:<\|constrain\|>)?[ \w]{{0,9}}"
    r"<\|message\|>\s*(?=\{)"
    rf"|\bAction: ?(?P<react>{_NAME}) ?\r?\nAction Input: ?(?=\{{)"
)
"""What names a call right before the JSON object of its arguments; one group per family."""

BETWEEN_CALLS = re.compile(
    rf"(?:\s|[;,]|(?:```\s{{0,9}})?</?{_BAR}?(?:tool|function|python|call|eom_id)[\w▁]*{_BAR}?>"
    r"|\[/?TOOL_CALLS\])*"
)
"""What may stand between the parts of one answer: tags and separators of lists, but no words."""

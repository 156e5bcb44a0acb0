"""Try schemas with the grammar compiler that vLLM uses. Run by vLLM's own Python.

Reads a JSON line per schema from standard input, `{"schema": …, "walks": N}`, and writes a line per
schema: `{"refused": reason or null, "answers": [text, …]}`. An answer is a random walk through the
grammar, each character that it allows as likely as any other: what a model without any sense may
write. `unfinished` counts those that had not come to an end after `LONGEST` bytes.
"""

import json
import random
import sys
from typing import Any

import torch
import xgrammar
from vllm.v1.structured_output.backend_xgrammar import has_xgrammar_unsupported_json_features

LONGEST = 100_000
TOKENS = [*(chr(code).encode() for code in range(0x20, 0x7F)), "é".encode(), "語".encode()]
"""No control characters: xgrammar lets them into strings that are bounded by their length."""
END = len(TOKENS)
VOCABULARY = xgrammar.TokenizerInfo(
    [*TOKENS, b"<end>"], vocab_type=xgrammar.VocabType.RAW, stop_token_ids=[END]
)
COMPILER = xgrammar.GrammarCompiler(VOCABULARY, max_threads=1, cache_enabled=True)


def tried(schema: dict[str, Any], walks: int, seed: int) -> dict[str, Any]:
    """Compile a schema as vLLM does, and walk through its grammar."""
    if has_xgrammar_unsupported_json_features(schema):
        return {"refused": "vLLM says that xgrammar does not support it", "answers": []}
    try:
        grammar = COMPILER.compile_json_schema(json.dumps(schema), any_whitespace=False)
    except RuntimeError as error:
        return {"refused": str(error), "answers": []}
    rng = random.Random(seed)
    answers = [walked(grammar, rng) for _ in range(walks)]
    finished = [answer for answer in answers if answer is not None]
    return {"refused": None, "answers": finished, "unfinished": len(answers) - len(finished)}


def walked(grammar: xgrammar.CompiledGrammar, rng: random.Random) -> str | None:
    """One random answer; None where it did not come to an end."""
    matcher = xgrammar.GrammarMatcher(grammar)
    mask = xgrammar.allocate_token_bitmask(1, VOCABULARY.vocab_size)
    text = bytearray()
    while len(text) < LONGEST:
        matcher.fill_next_token_bitmask(mask)
        words = [word & 0xFFFFFFFF for word in mask[0].tolist()]
        allowed = [token for token in range(END + 1) if words[token // 32] >> (token % 32) & 1]
        token = rng.choice(allowed)
        if token == END:
            return text.decode("utf-8")
        matcher.accept_token(token)
        text += TOKENS[token]
    return None


def main() -> None:
    torch.set_num_threads(1)
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        print(json.dumps(tried(asked["schema"], asked["walks"], number)), flush=True)


if __name__ == "__main__":
    main()

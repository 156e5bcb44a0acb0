"""Call matching, the reference for every score: predicted calls against allowed ones.

`match_calls(predicted, expected, tools)` says whether a model's calls are right: in mode `bfcl` as
the Berkeley Function Calling Leaderboard does, in mode `strict` by JSON's own types and with the
best pairing of calls. `expected_of` makes what is allowed out of a row's answers.
"""

from verifiers.matching.expected import expected_of, predicted_of
from verifiers.matching.match import MODES, argument_match, match_calls
from verifiers.matching.verdict import Match

__all__ = ["MODES", "Match", "argument_match", "expected_of", "match_calls", "predicted_of"]

"""Evaluation: questions with their right calls, predictions, and the scores between them.

Ordinary code, without Prefect: `questions` reads BFCL's files and our own data sets, `predictions`
what models answered, `outcomes` compares them through `verifiers.matching`, `scores` adds up.
"""

"""The semantic stage: rules that need no model, over what can be read out of the query."""

from verifiers.semantic.verifier import SemanticVerifier

__all__ = ["SemanticVerifier"]

"""The generator behind an OpenAI-compatible endpoint: prompts, structured output, completions."""

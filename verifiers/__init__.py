"""What a draft must pass: format, execution, semantic; each a verdict with a reason."""

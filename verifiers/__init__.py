"""What a draft must pass: format, execution, semantic; each check returns a verdict with a reason."""

"""A vLLM server of one's own: settings, command line, start, health, and an end without orphans."""

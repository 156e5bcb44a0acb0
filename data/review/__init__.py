"""A person's judgement: a page to mark a random sample on, and what the marks say."""

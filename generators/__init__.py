"""Who writes queries and calls: the sampling plan and the generators that answer it."""

"""What can be called: APIs, tools, calls; where they are found and how they are run safely."""

"""Whether a query is a benchmark's question: tables of hashed questions, and the comparison."""

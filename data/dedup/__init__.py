"""Which kept rows say what an earlier one says: exactly, nearly, or by meaning."""

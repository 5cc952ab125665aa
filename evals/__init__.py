"""How good retrieval and answers are, measured through the public API on sets in BEIR's form."""

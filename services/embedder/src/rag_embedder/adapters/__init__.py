"""The outside thing that the embedder reaches: a model."""

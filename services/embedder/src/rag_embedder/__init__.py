"""Embeddings as OpenAI clients ask for them, computed in batches shared by concurrent requests."""

"""Starts the embedder: `python -m rag_embedder`."""

from rag_embedder.app import main

main()

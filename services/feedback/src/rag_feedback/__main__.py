"""Starts the feedback service: `python -m rag_feedback`."""

from rag_feedback.app import main

main()

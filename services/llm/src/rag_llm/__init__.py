"""Launcher for vLLM's own OpenAI server: settings in, its arguments out."""

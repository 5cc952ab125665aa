"""Checks on CUDA, for a Python that has torch and little else: `python -m tests.gpu`."""

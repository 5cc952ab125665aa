"""The wire: what comes in and what goes out, in the contract's words."""

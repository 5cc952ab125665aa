"""Parts that die: nothing that was acknowledged is lost, doubled or half visible."""

"""What at least two Groundwork services share; nothing here knows what retrieval is."""

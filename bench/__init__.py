"""Side-by-side speed: our parts beside their peers, in turns on one machine."""

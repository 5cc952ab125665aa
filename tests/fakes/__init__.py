"""Stand-ins for parts whose faults or speed a test must script: real ports, and names that say fake."""

"""The command line of Groundwork; it speaks HTTP to a gateway and knows nothing else of the stack."""

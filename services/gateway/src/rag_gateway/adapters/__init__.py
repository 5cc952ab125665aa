"""One file per outside thing; each implements a Protocol that the job declares."""

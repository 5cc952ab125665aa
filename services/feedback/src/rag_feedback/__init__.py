"""What people say about answers: ratings, reasons, comments and corrections, kept apart from the answers."""

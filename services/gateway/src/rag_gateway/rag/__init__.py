"""How a question is answered; knows no web framework, HTTP client or database driver."""

"""How a document becomes passages; knows no web framework, HTTP client or database driver."""

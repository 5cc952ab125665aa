"""What the product is called; a fork changes it here."""

NAME = "Groundwork"
SLUG = NAME.lower()
USER_HEADER = f"X-{NAME}-User"
IDENTITY_HEADER = f"X-{NAME}-Identity"
IMAGE_PREFIX = SLUG

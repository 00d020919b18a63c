"""The product as one day."""

"""Configuration in one call: what a hub and a gateway need to know of each other and of Gatehouse."""

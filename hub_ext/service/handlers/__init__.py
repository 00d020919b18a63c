"""The doors of the API: each handler reads a message, asks the desk or the views, and answers with a message."""

"""The handlers behind the route table; each verb is authenticated and authorised by jupyter-server's own means."""

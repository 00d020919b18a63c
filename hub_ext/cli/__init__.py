"""The command ``gatehouse``. Subcommands are imported when they are called, so that each loads only its own rooms."""

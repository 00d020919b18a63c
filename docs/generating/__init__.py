"""The reference pages that can be read off the code, one module for each source that they are read from."""

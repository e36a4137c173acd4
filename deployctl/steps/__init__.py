"""The kinds of work a release consists of, one file a kind."""

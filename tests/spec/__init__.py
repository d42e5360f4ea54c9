"""Which requirements are proven by which tests (`make spec`), and whether those tests can fail (`make spec-bite`)."""

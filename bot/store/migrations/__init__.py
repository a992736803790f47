"""Steps from one shape of the tables to the next; each is written once and never changed."""

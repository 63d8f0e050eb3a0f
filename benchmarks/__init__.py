"""What things cost: the engine beside its peers, and a tournament's start on PostgreSQL. These are not tests."""

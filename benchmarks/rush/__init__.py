"""The rush for the seats of a paid tournament."""

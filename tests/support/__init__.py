"""What several test modules share: servers started for real, and fakes."""

"""What others are told of a change: events, whom they are for, and how they get there."""

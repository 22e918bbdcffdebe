"""What a run of traffic came to, for people: on the terminal, and as one HTML file that needs nothing else."""

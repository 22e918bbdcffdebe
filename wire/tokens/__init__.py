"""What a viewer shows to be let in, by the makers of the clients that write it; pure."""

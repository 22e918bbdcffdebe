"""TLS on the viewers' side: who vouches for a host, and listening with its certificate."""

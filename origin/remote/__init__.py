"""Files of other servers: which may be asked for, and how they come here within bounds."""

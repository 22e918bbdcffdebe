"""Effects as text and as plan: what may be written (`grammar`), and what it comes to (`outcome`)."""

"""A folder tree into a cloud, and a cloud into a folder tree, through the front door as any client would."""

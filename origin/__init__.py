"""The media origin: signed uploads in, transformed images out."""

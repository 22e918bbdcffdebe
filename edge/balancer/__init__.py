"""The front door: decides where a viewer lives, and which healthy PoP is nearest to there."""

"""The commands of `pixeledge`, a file each, or one for some that are alike."""

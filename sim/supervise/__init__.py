"""Processes under care: started, watched, started again, and none left behind."""

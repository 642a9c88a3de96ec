"""Judges whom people should look at first: criteria as data, points with reasons, thresholds from capacity."""

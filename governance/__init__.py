"""The vocabulary that every other room speaks: catalogue, guideline, facts, decisions, scans, errors, log."""

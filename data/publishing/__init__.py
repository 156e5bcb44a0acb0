"""Sends a finished data set where others find it: the Hub, a folder, a store."""

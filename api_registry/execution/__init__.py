"""Runs calls in isolated processes: pool (asyncio side) → supervisor → warm runners."""

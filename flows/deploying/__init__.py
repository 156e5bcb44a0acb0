"""Deployments on this machine: `callforge up`, and the plugin that Prefect's commands load."""

"""The whole run, its Prefect flow, its configuration and its command line."""

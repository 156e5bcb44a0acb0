"""The report of a run: one page that needs no network, from manifests and a sample of the rows.

`write_report` makes it; `run_report` gathers what it shows, `samples` draws the rows, `sections`
and `figures` work out tables and plots, `page` puts all into `report.html.j2`, of which `templates`
makes one file, as of other pages that extend `page.html.j2`.
"""

from data.report.run_report import FILE, run_page, write_report

__all__ = ["FILE", "run_page", "write_report"]

"""Sets the allocator that Arrow takes, before anything loads Arrow: importing this is enough.

Arrow's own, mimalloc, keeps for each thread what that thread freed: a run whose Arrow data never
took 50 MiB held on to more than 100. The C library's gives back what is not used, at no cost in
time that could be measured. Whoever sets the variable (documented by Arrow, "Environment
Variables") keeps what they set, and where Arrow is loaded already nothing changes.
"""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

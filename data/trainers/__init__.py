"""Other people's trainers: a configuration file and the rows as each reads them, a module each.

A module has `row(stored)`, a stored row as the trainer reads it, which raises `Misfit` for one that
it cannot; `config(settings, files)`, the configuration and whatever files stand beside it; and
`RUN`, the command that trains by them.
"""

from data.trainers import axolotl, llama_factory, oumi
from data.trainers.settings import Trainer

TRAINERS: dict[str, Trainer] = {
    "axolotl": Trainer(axolotl.row, axolotl.config, axolotl.RUN),
    "llamafactory": Trainer(llama_factory.row, llama_factory.config, llama_factory.RUN),
    "oumi": Trainer(oumi.row, oumi.config, oumi.RUN),
}
"""The one table that lists them, by the name that `export --config-for` takes."""

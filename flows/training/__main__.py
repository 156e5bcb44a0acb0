"""One process of a training: `accelerate launch --module flows.training OUT STAGE`."""

import sys
from pathlib import Path

from flows.training.worker import train_stage

if __name__ == "__main__":
    train_stage(Path(sys.argv[1]), int(sys.argv[2]))

"""Fine-tuning on verified rows: what is trained on, the checks before it, and the training itself.

`flows.training.finetune.finetune` prepares the rows in this process and trains in another one,
through `accelerate launch`; torch and its friends are imported only where they are needed.
"""

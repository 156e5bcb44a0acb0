"""What a training takes of a device's memory, estimated from the model's shapes."""

from dataclasses import dataclass
from typing import Any

from flows.training.config import FinetuneConfig

_LAYER_BYTES = 34
"""Activations of a layer in bytes per token and hidden unit, in 16 bits, without those of
attention's matrix, which its kernels do not keep. https://arxiv.org/abs/2205.05198"""
_ADAM_BYTES = 12
"""Gradient and the two moments of a trained weight in 32 bits."""
_WEIGHT_BYTES = {"lora": 2.0, "qlora": 0.55, "full": 4.0}


@dataclass(frozen=True)
class Need:
    """Bytes on each device where nothing is sharded."""

    parameters: int
    trainable: int
    weights: int
    training: int
    activations: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.training + self.activations


def memory_need(config: FinetuneConfig, model: Any) -> Need:
    """Estimate it for transformers' configuration of a model, which is built without weights."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        empty = AutoModelForCausalLM.from_config(model)
    parameters = sum(parameter.numel() for parameter in empty.parameters())
    text = model.get_text_config()
    output = empty.get_output_embeddings()
    trainable = parameters
    if config.method != "full":
        named = config.lora.target_modules
        trainable = config.lora.r * sum(
            layer.in_features + layer.out_features
            for name, layer in empty.named_modules()
            if isinstance(layer, torch.nn.Linear)
            and (name.rpartition(".")[2] in named if named else layer is not output)
        )
    tokens = config.batch_size * config.max_length
    layers, hidden = text.num_hidden_layers, text.hidden_size
    one_layer = _LAYER_BYTES * tokens * hidden
    kept = layers * tokens * hidden * 2 + one_layer
    return Need(
        parameters=parameters,
        trainable=trainable,
        weights=int(parameters * _WEIGHT_BYTES[config.method])
        + (4 * trainable if config.method != "full" else 0),
        training=_ADAM_BYTES * trainable,
        activations=kept if config.gradient_checkpointing else layers * one_layer,
    )

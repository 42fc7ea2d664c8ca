"""Writes small random models of every supported family with transformers, each with the answers that r5 must reproduce.

Every model lands in its own folder as transformers' own `save_pretrained` writes it (config.json, safetensors), with a
tokenizer of single characters, beside a `reference.json`:

    input_ids           two sequences, 24 and 17 token ids
    logits              for each sequence [length][vocabulary], float32 arithmetic on the weights as stored
    greedy              16 token ids that continue the first sequence
    greedy_margin       smallest distance between the best and the second-best logit along the way
    loss                cross entropy, summed over every token but the first of both sequences
    gradient_norm       global norm of that loss's gradient (a tied embedding counts once)
    loss_after_step     the loss after one AdamW step (STEP below) with the gradient clipped to global norm 1
    versions            of torch and transformers

    python conformance/make_models.py OUT [--only NAME ...] [--seed N]
"""

import argparse
import json
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
import transformers
from random_llama import make_tokenizer
from torch.nn import functional
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    MistralConfig,
    Olmo2Config,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    SmolLM3Config,
)

SEQUENCE_LENGTHS = (24, 17)
GREEDY_TOKENS = 16
STEP = {"lr": 1e-3, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.0}
# Greedy continuations are compared token for token, so no step of one may hang on rounding.
SMALLEST_GREEDY_MARGIN = 1e-2
# Every parameter must matter to the logits, or a loader that drops one would pass.
SMALLEST_GRADIENT = 1e-3

SHAPE = {
    "hidden_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 112,
    "vocab_size": 256,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "tie_word_embeddings": False,
}


@dataclass
class Variant:
    """One model: its configuration, the type its weights are stored in, and how they are cut into files."""

    name: str
    config: type
    changes: dict = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    shard: str | None = None
    # Rewrites rope_parameters into the rope_theta and rope_scaling of config.json before transformers 5.
    older_config: bool = False


# Wavelengths of the 8 frequencies at head_dim 16 run from 6 to 20,000: with an original context of 64 some are kept (below 16),
# some interpolated and some divided (above 64).
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}

YARN_ROPE = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64}

# 0.75 of a head of 16 is rotated: 6 frequencies, each with its factor.
LONG_ROPE = {
    "rope_type": "longrope",
    "rope_theta": 10000.0,
    "short_factor": [1.0, 1.1, 1.3, 1.6, 2.0, 2.5],
    "long_factor": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
    "original_max_position_embeddings": 128,
    "partial_rotary_factor": 0.75,
}

GEMMA3 = {"head_dim": 16, "query_pre_attn_scalar": 24, "sliding_window": 8, "pad_token_id": 0, "num_hidden_layers": 6, "tie_word_embeddings": True}

VARIANTS = [
    Variant("llama", LlamaConfig),
    Variant("llama-tied", LlamaConfig, {"tie_word_embeddings": True}),
    Variant("llama-multi-head", LlamaConfig, {"num_key_value_heads": 4, "num_hidden_layers": 2}),
    Variant("llama-single-key-value-head", LlamaConfig, {"num_key_value_heads": 1, "num_hidden_layers": 2}),
    Variant("llama-bias", LlamaConfig, {"attention_bias": True, "mlp_bias": True}),
    Variant("llama-head-dim", LlamaConfig, {"head_dim": 24}),
    Variant("llama-rope-theta", LlamaConfig, {"rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}),
    Variant("llama-rope-llama3", LlamaConfig, {"rope_parameters": LLAMA3_ROPE}),
    Variant("llama-rope-llama3-older-config", LlamaConfig, {"rope_parameters": LLAMA3_ROPE}, older_config=True),
    Variant("llama-rope-linear", LlamaConfig, {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}}),
    Variant("llama-rope-yarn", LlamaConfig, {"rope_parameters": YARN_ROPE}),
    Variant("llama-sharded", LlamaConfig, shard="100KB"),
    Variant("llama-bfloat16", LlamaConfig, dtype=torch.bfloat16),
    Variant("llama-float16", LlamaConfig, dtype=torch.float16),
    Variant("qwen2", Qwen2Config),
    Variant("qwen2-tied", Qwen2Config, {"tie_word_embeddings": True, "rms_norm_eps": 1e-6}, older_config=True),
    Variant("qwen2-rope-yarn-older-config", Qwen2Config, {"rope_parameters": YARN_ROPE}, older_config=True),
    Variant("qwen3", Qwen3Config, {"head_dim": 32}),
    Variant("qwen3-bias", Qwen3Config, {"head_dim": 16, "attention_bias": True}),
    Variant("qwen3-tied-bfloat16-sharded", Qwen3Config, {"head_dim": 24, "tie_word_embeddings": True}, torch.bfloat16, "60KB"),
    Variant("mistral", MistralConfig, {"sliding_window": None}),
    Variant("mistral-window", MistralConfig, {"sliding_window": 8, "head_dim": 24}),
    Variant("smollm3", SmolLM3Config, {"no_rope_layers": [1, 1, 0], "pad_token_id": 0, "tie_word_embeddings": True}),
    Variant("olmo2", Olmo2Config, {"pad_token_id": 0}),
    Variant("phi3", Phi3Config, {"pad_token_id": 0, "sliding_window": None}),
    Variant("phi3-window", Phi3Config, {"pad_token_id": 0, "sliding_window": 8}),
    Variant("phi3-longrope", Phi3Config, {"pad_token_id": 0, "rope_parameters": LONG_ROPE, "original_max_position_embeddings": 128}),
    Variant("gemma3", Gemma3TextConfig, GEMMA3),
    Variant("gemma3-bfloat16-sharded", Gemma3TextConfig, {**GEMMA3, "num_hidden_layers": 3}, torch.bfloat16, "60KB"),
]


def randomize(model: torch.nn.Module, generator: torch.Generator) -> None:
    """Replaces every parameter, norms and biases too, by values that no correct implementation could ignore."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("bias"):
                parameter.copy_(0.3 * noise)
            elif parameter.dim() == 1:
                parameter.copy_(1 + 0.25 * noise)
            elif "embed_tokens" in name:
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(noise * 1.5 / math.sqrt(parameter.shape[1]))


def use_older_config(directory: Path) -> None:
    """Rewrites config.json as transformers 4 wrote it; most published models still look like that."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def summed_loss(model: torch.nn.Module, sequences: list[torch.Tensor]) -> torch.Tensor:
    losses = [
        functional.cross_entropy(model(ids[None, :-1], use_cache=False).logits[0], ids[1:], reduction="sum") for ids in sequences
    ]
    return torch.stack(losses).sum()


def greedy(model: torch.nn.Module, prompt: torch.Tensor) -> tuple[list[int], float]:
    """The most likely continuation, end tokens like any other, each step recomputed from the start (so no cache is trusted)."""
    ids, margin = prompt.clone(), math.inf
    for _ in range(GREEDY_TOKENS):
        best = model(ids[None], use_cache=False).logits[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids = torch.cat([ids, best.indices[:1]])
    return ids[len(prompt) :].tolist(), margin


def reference(directory: Path, sequences: list[torch.Tensor]) -> dict:
    """Loads what was written, as float32 with the plain attention, and computes the answers."""
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        logits = [model(ids[None], use_cache=False).logits[0].tolist() for ids in sequences]
        continuation, margin = greedy(model, sequences[0])
    loss = summed_loss(model, sequences)
    loss.backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is None or parameter.grad.abs().max() < SMALLEST_GRADIENT:
            raise SystemExit(f"{directory.name}: the loss hardly depends on {name}; change the random values")
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    torch.optim.AdamW(model.parameters(), **STEP).step()
    with torch.no_grad():
        after = summed_loss(model, sequences)
    return {
        "input_ids": [ids.tolist() for ids in sequences],
        "logits": logits,
        "greedy": continuation,
        "greedy_margin": margin,
        "loss": loss.item(),
        "gradient_norm": norm.item(),
        "loss_after_step": after.item(),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    }


def write(variant: Variant, directory: Path, seed: int) -> dict:
    """Writes one model and its reference; tries further seeds until the greedy continuation is clear of rounding."""
    for attempt in range(100):
        generator = torch.Generator().manual_seed(seed + attempt)
        model = AutoModelForCausalLM.from_config(variant.config(**{**SHAPE, **variant.changes}))
        randomize(model, generator)
        shutil.rmtree(directory, ignore_errors=True)
        sharding = {"max_shard_size": variant.shard} if variant.shard else {}
        model.to(variant.dtype).save_pretrained(directory, **sharding)
        make_tokenizer(SHAPE["vocab_size"]).save_pretrained(directory)
        if variant.older_config:
            use_older_config(directory)
        sequences = [torch.randint(3, SHAPE["vocab_size"], (length,), generator=generator) for length in SEQUENCE_LENGTHS]
        answers = reference(directory, sequences)
        if answers["greedy_margin"] >= SMALLEST_GREEDY_MARGIN:
            (directory / "reference.json").write_text(json.dumps(answers) + "\n")
            return answers
    raise SystemExit(f"{variant.name}: no seed from {seed} to {seed + 99} has a greedy continuation clear of rounding")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Small random models with reference answers.")
    arguments.add_argument("out", type=Path, help="folder to write the models into")
    arguments.add_argument("--only", nargs="+", metavar="NAME", choices=[v.name for v in VARIANTS], help="write these models only")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for variant in VARIANTS:
        if options.only and variant.name not in options.only:
            continue
        directory = options.out / variant.name
        answers = write(variant, directory, options.seed)
        spread = torch.tensor(answers["logits"][0]).std().item()
        files = len(list(directory.glob("*.safetensors")))
        print(f"{variant.name}: {files} file(s), logits spread {spread:.2f}, greedy margin {answers['greedy_margin']:.3f}", flush=True)


if __name__ == "__main__":
    main()

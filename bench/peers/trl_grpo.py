"""One whole GRPO step (generation, scoring, update) of TRL's GRPOTrainer on the CPU, as JSON: the peer of r5's GRPO step.

Both sides must do the same work, so every completion has the same length (end tokens are suppressed), the reference model and
its divergence are off, and there is one update a batch. Generation is transformers' own; vLLM needs a GPU.

    python bench/peers/trl_grpo.py models/r5-tiny --prompts 16 --completions 8 --prompt-length 24 --length 128 --steps 5
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time

# Nothing here needs the network; without this the libraries look for it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback
from trl import GRPOConfig, GRPOTrainer


class Generation:
    """Stands in front of the model's `generate`: adds up its time, and sees the real prompt length."""

    def __init__(self, model):
        self.generate = model.generate
        self.seconds = 0.0
        self.prompt_length = 0
        model.generate = self

    def __call__(self, *args, **kwargs):
        start = time.perf_counter()
        result = self.generate(*args, **kwargs)
        self.seconds += time.perf_counter() - start
        self.prompt_length = kwargs["input_ids"].shape[1]
        return result


class Clock(TrainerCallback):
    """Wall time from the end of one training step to the end of the next, so that nothing between steps is left out."""

    def __init__(self, generation: Generation):
        self.generation = generation
        self.ends: list[float] = []
        self.generated: list[float] = []

    def on_train_begin(self, args, state, control, **kwargs):
        self.mark()

    def on_step_end(self, args, state, control, **kwargs):
        self.mark()

    def mark(self) -> None:
        self.ends.append(time.perf_counter())
        self.generated.append(self.generation.seconds)


def differences(values: list[float], skip: int) -> list[float]:
    return [b - a for a, b in zip(values, values[1:])][skip:]


def prompt_of(tokenizer, length: int, generator: random.Random) -> str:
    """Digits that the tokenizer cuts into exactly `length` tokens."""
    text = ""
    for _ in range(50 * length):
        longer = text + generator.choice("0123456789")
        count = len(tokenizer(longer)["input_ids"])
        if count == length:
            return longer
        text = longer if count < length else text[:-1]
    raise SystemExit(f"cannot make a prompt of {length} tokens with this tokenizer; try another --prompt-length")


def make_reward(length: int):
    """The share of a completion that is one certain token; refuses a completion of another length, which would be other work."""

    def share_of_token(completion_ids, **kwargs):
        for ids in completion_ids:
            if len(ids) != length:
                raise SystemExit(f"a completion has {len(ids)} tokens instead of {length}: the comparison would not be fair")
        return [sum(token % 16 == 7 for token in ids) / length for ids in completion_ids]

    return share_of_token


def make_config(options: argparse.Namespace, directory: str) -> GRPOConfig:
    rows = options.prompts * options.completions
    micro = options.micro_batch or rows
    if rows % micro:
        raise SystemExit(f"--micro-batch {micro} does not divide prompts x completions = {rows}")
    return GRPOConfig(
        output_dir=directory,
        use_cpu=True,
        bf16=False,
        fp16=False,
        activation_checkpointing=False,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=rows // micro,
        num_generations=options.completions,
        num_iterations=1,
        max_completion_length=options.length,
        generation_kwargs={"min_new_tokens": options.length},
        temperature=1.0,
        beta=0.0,
        learning_rate=1e-5,
        lr_scheduler_type="constant",
        max_steps=options.warm + options.steps,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        seed=1,
    )


def parse() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description="Wall time of TRL's GRPO step on the CPU.")
    arguments.add_argument("model", help="directory of a model with its tokenizer")
    arguments.add_argument("--prompts", type=int, default=16, help="prompts a step")
    arguments.add_argument("--completions", type=int, default=8, help="completions a prompt")
    arguments.add_argument("--prompt-length", type=int, default=24, help="tokens a prompt")
    arguments.add_argument("--length", type=int, default=128, help="tokens a completion, exactly")
    arguments.add_argument("--steps", type=int, default=5, help="steps measured, after --warm others")
    arguments.add_argument("--warm", type=int, default=2)
    arguments.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    arguments.add_argument("--micro-batch", type=int, help="sequences in one forward and backward pass (default: all at once)")
    arguments.add_argument("--threads", type=int, help="default: as PyTorch chooses")
    return arguments.parse_args()


def main() -> None:
    options = parse()
    if options.threads:
        torch.set_num_threads(options.threads)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32, attn_implementation=options.attention)
    parameters = sum(p.numel() for p in model.parameters())
    generation = Generation(model)
    clock = Clock(generation)
    generator = random.Random(1)
    count = options.prompts * (options.warm + options.steps)
    prompts = [prompt_of(tokenizer, options.prompt_length, generator) for _ in range(count)]
    with tempfile.TemporaryDirectory() as directory:
        config = make_config(options, directory)
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=make_reward(options.length),
            args=config,
            train_dataset=Dataset.from_dict({"prompt": prompts}),
            processing_class=tokenizer,
            callbacks=[clock],
        )
        trainer.remove_callback(PrinterCallback)  # standard output is for the report
        trainer.train()
    if generation.prompt_length != options.prompt_length:
        raise SystemExit(f"prompts had {generation.prompt_length} tokens instead of {options.prompt_length}")
    seconds = differences(clock.ends, options.warm)
    generating = differences(clock.generated, options.warm)
    report = {
        "trl": trl.__version__,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "parameters": parameters,
        "prompts": options.prompts,
        "completions": options.completions,
        "promptLength": options.prompt_length,
        "completionLength": options.length,
        "attention": options.attention,
        "microBatch": config.per_device_train_batch_size,
        "optimizer": str(config.optim),
        "secondsPerStep": statistics.median(seconds),
        "secondsGenerating": statistics.median(generating),
        "steps": len(seconds),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()

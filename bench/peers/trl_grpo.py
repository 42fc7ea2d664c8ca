"""One whole GRPO step (generation, scoring, update) of TRL's GRPOTrainer on the CPU, as JSON: the peer of r5's GRPO step.

Both sides must do the same work: the reference model and its divergence are off, and there is one update a batch. Generation is
transformers' own; vLLM needs a GPU. Two kinds of work:

- made-up prompts of one length, and completions of exactly --length tokens (end tokens are suppressed);
- `--rows FILE` (JSON lines, {"prompt": "..."}): prompts as they are, in the order of the file, and completions that end by themselves,
  at --length tokens at most. One that is cut off there is trained on like any other, as is TRL's default. The learning rate is so low
  that lengths stay as they are, and the report has them step by step, for a look at whether both sides did equal work.

    python bench/peers/trl_grpo.py models/r5-tiny --prompts 16 --completions 8 --prompt-length 24 --length 128 --steps 5
    python bench/peers/trl_grpo.py models/r5-tiny --rows rows.jsonl --prompts 16 --completions 8 --length 320 --steps 5
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
    """Stands in front of the model's `generate`: adds up its time, and sees the real prompt lengths, one list a call."""

    def __init__(self, model):
        self.generate = model.generate
        self.seconds = 0.0
        self.prompt_lengths: list[list[int]] = []
        model.generate = self

    def __call__(self, *args, **kwargs):
        start = time.perf_counter()
        result = self.generate(*args, **kwargs)
        self.seconds += time.perf_counter() - start
        self.prompt_lengths.append(kwargs["attention_mask"].sum(dim=1).tolist())
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


def read_prompts(path: str, count: int, tokenizer) -> list[str]:
    """The first `count` prompts of the file; refuses a tokenizer that would add tokens of its own, which r5 does not see."""
    with open(path, encoding="utf-8") as file:
        prompts = [json.loads(line)["prompt"] for line in file if line.strip()]
    if len(prompts) < count:
        raise SystemExit(f"{path} has {len(prompts)} prompts; prompts x (warm + steps) needs {count}")
    for prompt in prompts[:count]:
        if tokenizer(prompt)["input_ids"] != tokenizer(prompt, add_special_tokens=False)["input_ids"]:
            raise SystemExit(f"the tokenizer adds special tokens to {prompt!r}: the comparison would not be fair")
    return prompts[:count]


class Reward:
    """The share of a completion that is one certain token. Keeps the lengths of completions, end token included, one list a step."""

    __name__ = "share_of_token"  # TRL names its log entries after it

    def __init__(self, length: int, end_token: int | None):
        """`end_token`: what ends a completion by itself; None where every completion must have exactly `length` tokens."""
        self.length = length
        self.end_token = end_token
        self.lengths: list[list[int]] = []
        self.truncated: list[int] = []

    def __call__(self, completion_ids, **kwargs):
        for ids in completion_ids:
            self.check(ids)
        self.lengths.append([len(ids) for ids in completion_ids])
        self.truncated.append(sum(ids[-1] != self.end_token for ids in completion_ids))
        return [sum(token % 16 == 7 for token in ids) / len(ids) for ids in completion_ids]

    def check(self, ids: list[int]) -> None:
        """Refuses a completion that is other work than the other side's."""
        if self.end_token is None:
            fair = len(ids) == self.length
        else:
            ended = ids[-1] == self.end_token and ids.count(self.end_token) == 1
            cut = len(ids) == self.length and self.end_token not in ids
            fair = len(ids) <= self.length and (ended or cut)
        if not fair:
            wanted = "exactly" if self.end_token is None else f"ended by the token {self.end_token} or cut off at"
            raise SystemExit(f"a completion has {len(ids)} tokens; expected: {wanted} {self.length}. The comparison would not be fair")


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
        generation_kwargs=None if options.rows else {"min_new_tokens": options.length},
        # A file's order is that of the steps, so that both sides see the same prompts in the same step.
        shuffle_dataset=not options.rows,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        beta=0.0,
        learning_rate=1e-6 if options.rows else 1e-5,
        lr_scheduler_type="constant",
        max_steps=options.warm + options.steps,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        seed=1,
    )


def check_lengths(options: argparse.Namespace, generation: Generation, reward: Reward) -> None:
    """Refuses a run whose steps are not one generation each, or whose made-up prompts have another length than the wanted one."""
    steps = options.warm + options.steps
    if len(generation.prompt_lengths) != steps or len(reward.lengths) != steps:
        raise SystemExit(f"{len(generation.prompt_lengths)} generations and {len(reward.lengths)} scorings in {steps} steps")
    others = {length for lengths in generation.prompt_lengths for length in lengths} - {options.prompt_length}
    if not options.rows and others:
        raise SystemExit(f"prompts had {sorted(others)} tokens instead of {options.prompt_length}")


def lengths_report(options: argparse.Namespace, generation: Generation, reward: Reward) -> dict:
    """The lengths that both sides must share; with --rows those that came out, in tokens, one entry for each step measured."""
    if not options.rows:
        return {"promptLength": options.prompt_length, "completionLength": options.length}
    lengths = reward.lengths[options.warm :]
    return {
        "mostTokens": options.length,
        "meanPromptLengths": [statistics.fmean(step) for step in generation.prompt_lengths[options.warm :]],
        "meanLengths": [statistics.fmean(step) for step in lengths],
        "longestLengths": [max(step) for step in lengths],
        "truncatedShares": [cut / len(step) for cut, step in zip(reward.truncated[options.warm :], lengths)],
    }


def adapters(rank: int | None):
    if rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear")


def parse() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description="Wall time of TRL's GRPO step on the CPU.")
    arguments.add_argument("model", help="directory of a model with its tokenizer")
    arguments.add_argument("--prompts", type=int, default=16, help="prompts a step")
    arguments.add_argument("--completions", type=int, default=8, help="completions a prompt")
    arguments.add_argument("--rows", help="JSON lines with prompts; completions end by themselves (default: made-up prompts)")
    arguments.add_argument("--prompt-length", type=int, default=24, help="tokens a prompt; not with --rows")
    arguments.add_argument("--length", type=int, default=128, help="tokens a completion, exactly; with --rows, at most")
    arguments.add_argument("--steps", type=int, default=5, help="steps measured, after --warm others")
    arguments.add_argument("--warm", type=int, default=2)
    arguments.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    arguments.add_argument("--lora-rank", type=int, help="train adapters of this rank on all linear layers (default: all weights)")
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
    count = options.prompts * (options.warm + options.steps)
    if options.rows:
        prompts = read_prompts(options.rows, count, tokenizer)
    else:
        generator = random.Random(1)
        prompts = [prompt_of(tokenizer, options.prompt_length, generator) for _ in range(count)]
    reward = Reward(options.length, tokenizer.eos_token_id if options.rows else None)
    with tempfile.TemporaryDirectory() as directory:
        config = make_config(options, directory)
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=reward,
            args=config,
            train_dataset=Dataset.from_dict({"prompt": prompts}),
            processing_class=tokenizer,
            callbacks=[clock],
            peft_config=adapters(options.lora_rank),
        )
        trainer.remove_callback(PrinterCallback)  # standard output is for the report
        trainer.train()
    check_lengths(options, generation, reward)
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
        **lengths_report(options, generation, reward),
        "attention": options.attention,
        "microBatch": config.per_device_train_batch_size,
        "optimizer": str(config.optim),
        "maskTruncated": config.mask_truncated_completions,
        "secondsPerStep": statistics.median(seconds),
        "secondsGenerating": statistics.median(generating),
        "stepSeconds": seconds,
        "stepSecondsGenerating": generating,
        "steps": len(seconds),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()

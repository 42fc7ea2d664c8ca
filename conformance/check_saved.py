"""Reads with transformers what r5 wrote back (compare.ts --save), and compares its logits with the reference.

    python conformance/check_saved.py MODELS

Prints one line of JSON a model; exits with 1 if a logit differs by more than 1e-6 (the weights should be the same to the bit).
"""

import argparse
import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

LIMIT = 1e-6


def compare(directory: Path) -> dict:
    reference = json.loads((directory / "reference.json").read_text())
    saved = directory / "saved"
    model = AutoModelForCausalLM.from_pretrained(saved, dtype=torch.float32, attn_implementation="eager").eval()
    differences = []
    with torch.no_grad():
        for ids, logits in zip(reference["input_ids"], reference["logits"], strict=True):
            differences.append((model(torch.tensor([ids])).logits[0] - torch.tensor(logits)).abs().max().item())
    text = "12 + 30 = 42"
    same_tokens = AutoTokenizer.from_pretrained(saved)(text)["input_ids"] == AutoTokenizer.from_pretrained(directory)(text)["input_ids"]
    return {"ok": max(differences) <= LIMIT and same_tokens, "model": directory.name, "logits": max(differences), "tokens": same_tokens}


def main() -> None:
    arguments = argparse.ArgumentParser(description="Checks models that r5 saved.")
    arguments.add_argument("models", type=Path)
    folder = arguments.parse_args().models
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    directories = sorted(path.parent for path in folder.glob("*/saved"))
    if not directories:
        sys.exit(f"{folder} holds no saved models; write them with: node conformance/compare.ts {folder} --save")
    reports = [compare(directory) for directory in directories]
    for report in reports:
        print(json.dumps(report))
    sys.exit(0 if all(report["ok"] for report in reports) else 1)


if __name__ == "__main__":
    main()

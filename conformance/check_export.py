"""Reads what export.ts wrote with PEFT (adapter on its base) and transformers (merged weights), and compares greedy tokens with r5's.

    python conformance/check_export.py OUT

One line of JSON a model; exit code 1 on any difference.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM


def greedy(model: torch.nn.Module, prompt: list[int], count: int) -> list[int]:
    ids = torch.tensor(prompt)
    with torch.no_grad():
        for _ in range(count):
            best = model(input_ids=ids[None], use_cache=False).logits[0, -1].argmax()
            ids = torch.cat([ids, best[None]])
    return ids[len(prompt) :].tolist()


def main() -> None:
    transformers.utils.logging.set_verbosity_error()
    failed = False
    for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        expected = json.loads((folder / "expected.json").read_text())
        load = {"dtype": torch.float32, "attn_implementation": "eager"}
        base = AutoModelForCausalLM.from_pretrained(expected["base"], **load).eval()
        plain = greedy(base, expected["prompt"], len(expected["greedy"]))
        adapted = greedy(PeftModel.from_pretrained(base, folder / "adapter").eval(), expected["prompt"], len(expected["greedy"]))
        merged = greedy(AutoModelForCausalLM.from_pretrained(folder / "merged", **load).eval(), expected["prompt"], len(expected["greedy"]))
        result = {
            "model": folder.name,
            "peft": adapted == expected["greedy"],
            "merged": merged == expected["greedy"],
            # Training must have changed something, or the check says nothing of the adapter.
            "differs_from_base": plain != expected["greedy"],
        }
        failed |= not all(result[key] for key in ("peft", "merged", "differs_from_base"))
        print(json.dumps(result), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

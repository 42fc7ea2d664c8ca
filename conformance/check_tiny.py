"""What Python's transformers makes of the embedded model: token ids, logits and greedy text, as JSON on standard output.

    python conformance/check_tiny.py [--model models/r5-tiny] [--tokens N] [PROMPT ...]

Per prompt: `ids` (as the tokenizer gives them by default), `decoded` (those ids back to text), `logits` ([length][vocabulary],
float32, plain attention), `greedy` (ids that follow, up to and including an end token) and `text` (those ids as text).
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ["3 5 7 = 22\n", "numbers: 12, 7, 3; target: 57\n", "What is 17 + 25?", "abc xyz", "  two  spaces\n\nand lines"]


def answer(model, tokenizer, prompt: str, most: int) -> dict:
    ids = tokenizer(prompt)["input_ids"]
    if not ids:
        return {"prompt": prompt, "ids": [], "decoded": "", "logits": [], "greedy": [], "text": ""}
    batch = torch.tensor([ids])
    with torch.no_grad():
        logits = model(batch, use_cache=False).logits[0]
        whole = model.generate(batch, attention_mask=torch.ones_like(batch), do_sample=False, max_new_tokens=most)[0]
    following = whole[len(ids) :].tolist()
    return {
        "prompt": prompt,
        "ids": ids,
        "decoded": tokenizer.decode(ids),
        "logits": logits.tolist(),
        "greedy": following,
        "text": tokenizer.decode(following),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description="Token ids, logits and greedy text of a model directory.")
    arguments.add_argument("prompts", nargs="*", default=PROMPTS, metavar="PROMPT")
    arguments.add_argument("--model", type=Path, default=ROOT / "models" / "r5-tiny")
    arguments.add_argument("--tokens", type=int, default=64, help="most tokens to generate (default 64)")
    options = arguments.parse_args()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32, attn_implementation="eager").eval()
    report = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "model": type(model).__name__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokenizer": type(tokenizer).__name__,
        "vocabulary": len(tokenizer),
        "answers": [answer(model, tokenizer, prompt, options.tokens) for prompt in options.prompts],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()

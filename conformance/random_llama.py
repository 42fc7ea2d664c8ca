"""Writes a Llama-shaped model with random weights and a tokenizer of single characters: something of any size to time.

    python conformance/random_llama.py OUT --hidden 256 --layers 8 --heads 8 --kv-heads 4 --intermediate 768 --vocab 512
"""

import argparse
import json
import string
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ["<pad>", "<bos>", "<eos>"]


def make_tokenizer(size: int) -> PreTrainedTokenizerFast:
    """One token a printable character; the rest of the vocabulary are names that no text contains."""
    known = SPECIAL + list(string.printable)
    if size < len(known):
        raise SystemExit(f"--vocab {size} is too small: the characters alone need {len(known)}")
    names = known + [f"<{i}>" for i in range(len(known), size)]
    tokenizer = Tokenizer(models.BPE(vocab={name: i for i, name in enumerate(names)}, merges=[]))
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>")


def main() -> None:
    arguments = argparse.ArgumentParser(description="A random Llama-shaped model with a character tokenizer.")
    arguments.add_argument("out", type=Path)
    for name, default in [("hidden", 256), ("layers", 8), ("heads", 8), ("kv-heads", 4), ("intermediate", 768), ("vocab", 512)]:
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--context", type=int, default=2048)
    options = arguments.parse_args()
    tokenizer = make_tokenizer(options.vocab)
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            hidden_size=options.hidden,
            num_hidden_layers=options.layers,
            num_attention_heads=options.heads,
            num_key_value_heads=options.kv_heads,
            intermediate_size=options.intermediate,
            vocab_size=options.vocab,
            max_position_embeddings=options.context,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    print(json.dumps({"model": str(options.out), "parameters": sum(p.numel() for p in model.parameters())}))


if __name__ == "__main__":
    main()

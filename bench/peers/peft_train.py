"""Time of a LoRA training step (forward, backward, AdamW) with PyTorch and PEFT at the shapes of Qwen2.5-0.5B, random weights, float32.

    python bench/peers/peft_train.py [--layers 24] [--rank 32] [--batch 2] [--time 512] [--steps 2] [--threads 2]

Prints one line of JSON: seconds of each step after a first one that is not counted.
"""

import argparse
import json
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Qwen2Config

parser = argparse.ArgumentParser()
for name, value in {"layers": 24, "rank": 32, "batch": 2, "time": 512, "steps": 2, "threads": 2}.items():
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(0)
config = Qwen2Config(
    hidden_size=896, intermediate_size=4864, num_hidden_layers=options.layers, num_attention_heads=14, num_key_value_heads=2, vocab_size=151936,
    max_position_embeddings=32768, rms_norm_eps=1e-6, tie_word_embeddings=True, use_cache=False,
)
model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
model = get_peft_model(model, LoraConfig(r=options.rank, lora_alpha=32, target_modules=targets, task_type="CAUSAL_LM")).train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-5)
ids = torch.randint(0, 151000, (options.batch, options.time))
seconds = []
for _ in range(options.steps + 1):
    start = time.perf_counter()
    model(input_ids=ids, labels=ids).loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds[1:], "torch": torch.__version__}))

"""One training step of a Llama-shaped model in eager PyTorch, as JSON: the peer of r5's training figures.

A step is: forward, cross entropy over every token, backward, clipping to a global norm, AdamW; float32 throughout, tied
embeddings. Two variants of the same model:

    transformers   LlamaForCausalLM as users train it
    lean           the same arithmetic in plain modules, with no library around it and the query-key-value and gate-up
                   projections joined

Wherever PyTorch offers a choice (attention, AdamW's implementation) the faster one is taken, found by trying each.

    python bench/peers/torch_train.py --hidden 256 --layers 8 --heads 8 --kv-heads 4 --intermediate 768 --vocab 512 \\
        --batch 32 --length 128 --steps 10 --variant lean
"""

import argparse
import json
import statistics
import time

import torch
import transformers
from torch import nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

ROPE_THETA = 10000.0
EPSILON = 1e-5


class LeanBlock(nn.Module):
    """One transformer block; `x` is [batch, length, hidden]."""

    def __init__(self, options: argparse.Namespace, attention: str):
        super().__init__()
        self.heads, self.kv_heads = options.heads, options.kv_heads
        self.head_dim = options.hidden // options.heads
        self.attention = attention
        self.attention_norm = nn.RMSNorm(options.hidden, EPSILON)
        self.mlp_norm = nn.RMSNorm(options.hidden, EPSILON)
        self.qkv = nn.Linear(options.hidden, (self.heads + 2 * self.kv_heads) * self.head_dim, bias=False)
        self.out = nn.Linear(options.hidden, options.hidden, bias=False)
        self.gate_up = nn.Linear(options.hidden, 2 * options.intermediate, bias=False)
        self.down = nn.Linear(options.intermediate, options.hidden, bias=False)

    def attend(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, hidden = x.shape
        heads = self.qkv(x).view(batch, length, self.heads + 2 * self.kv_heads, self.head_dim).transpose(1, 2)
        # Queries and keys turn by the same angles, so one rotation does both.
        turned, v = heads.split([self.heads + self.kv_heads, self.kv_heads], dim=1)
        left, right = turned.chunk(2, dim=-1)
        turned = torch.cat((left * cos - right * sin, right * cos + left * sin), dim=-1)
        q, k = turned.split([self.heads, self.kv_heads], dim=1)
        group = self.heads // self.kv_heads
        if group > 1:
            k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        if self.attention == "sdpa":
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = torch.matmul(q, k.transpose(-1, -2)) * self.head_dim**-0.5 + mask
            y = torch.matmul(scores.softmax(dim=-1), v)
        return self.out(y.transpose(1, 2).reshape(batch, length, hidden))

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = x + self.attend(self.attention_norm(x), cos, sin, mask)
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        return x + self.down(functional.silu(gate) * up)


class LeanLlama(nn.Module):
    """The Llama decoder with tied embeddings; token ids [batch, length] to logits [batch, length, vocabulary]."""

    def __init__(self, options: argparse.Namespace, attention: str):
        super().__init__()
        self.embedding = nn.Embedding(options.vocab, options.hidden)
        self.blocks = nn.ModuleList(LeanBlock(options, attention) for _ in range(options.layers))
        self.norm = nn.RMSNorm(options.hidden, EPSILON)
        head_dim = options.hidden // options.heads
        frequencies = ROPE_THETA ** (-torch.arange(0, head_dim, 2) / head_dim)
        angles = torch.outer(torch.arange(options.length), frequencies)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self.register_buffer("mask", torch.full((options.length, options.length), -torch.inf).triu(1), persistent=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin, self.mask)
        return functional.linear(self.norm(x), self.embedding.weight)

    def copy_from(self, other: LlamaForCausalLM) -> None:
        """Takes over the other model's weights, so that both can be asked for the same logits."""
        with torch.no_grad():
            self.embedding.weight.copy_(other.model.embed_tokens.weight)
            self.norm.weight.copy_(other.model.norm.weight)
            for mine, theirs in zip(self.blocks, other.model.layers, strict=True):
                attention, mlp = theirs.self_attn, theirs.mlp
                mine.attention_norm.weight.copy_(theirs.input_layernorm.weight)
                mine.mlp_norm.weight.copy_(theirs.post_attention_layernorm.weight)
                mine.qkv.weight.copy_(torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight]))
                mine.out.weight.copy_(attention.o_proj.weight)
                mine.gate_up.weight.copy_(torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight]))
                mine.down.weight.copy_(mlp.down_proj.weight)


def make_transformers(options: argparse.Namespace, attention: str) -> LlamaForCausalLM:
    config = LlamaConfig(
        hidden_size=options.hidden,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.kv_heads,
        intermediate_size=options.intermediate,
        vocab_size=options.vocab,
        max_position_embeddings=max(options.length, 64),
        rms_norm_eps=EPSILON,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_THETA},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        use_cache=False,
        attn_implementation=attention,
    )
    return LlamaForCausalLM(config).to(torch.float32).train()


def make_model(options: argparse.Namespace, attention: str) -> nn.Module:
    torch.manual_seed(0)
    return LeanLlama(options, attention) if options.variant == "lean" else make_transformers(options, attention)


def logits_of(model: nn.Module, ids: torch.Tensor) -> torch.Tensor:
    return model(ids) if isinstance(model, LeanLlama) else model(input_ids=ids, use_cache=False).logits


def make_step(options: argparse.Namespace, attention: str, optimizer: str):
    """Returns (parameters, a function that takes one step and returns the loss)."""
    model = make_model(options, attention)
    chosen = {"fused": {"fused": True}, "foreach": {"foreach": True}, "loop": {"foreach": False}}[optimizer]
    adam = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0, **chosen)
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(0, options.vocab, (options.batch, options.length + 1), generator=generator)
    inputs, targets = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)

    def step() -> float:
        adam.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(logits_of(model, inputs).view(-1, options.vocab), targets)
        loss.backward()
        if options.clip > 0:
            torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip)
        adam.step()
        return loss.item()

    return sum(p.numel() for p in model.parameters()), step


def time_steps(step, warm: int, count: int) -> list[float]:
    for _ in range(warm):
        step()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return seconds


def fastest(options: argparse.Namespace) -> tuple[str, str]:
    """Attention and optimizer: what was asked for, or the faster of each by its best of three steps."""
    attention = options.attention
    if attention == "fastest":
        trials = {name: min(time_steps(make_step(options, name, "foreach")[1], 1, 3)) for name in ("sdpa", "eager")}
        attention = min(trials, key=trials.get)
    optimizer = options.optimizer
    if optimizer == "fastest":
        names = ("fused", "foreach", "loop")
        trials = {name: min(time_steps(make_step(options, attention, name)[1], 1, 3)) for name in names}
        optimizer = min(trials, key=trials.get)
    return attention, optimizer


def peak_gflops(seconds: float) -> float:
    """The best rate of many float32 matrix products of several shapes."""
    best = 0.0
    for m, k, n in [(2048, 256, 256), (2048, 512, 512), (1024, 1024, 1024), (4096, 768, 768), (2048, 2048, 2048)]:
        a, b, out = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
        end = time.perf_counter() + seconds / 5
        while True:
            start = time.perf_counter()
            torch.mm(a, b, out=out)
            now = time.perf_counter()
            best = max(best, 2 * m * k * n / (now - start) / 1e9)
            if now > end:
                break
    return best


def check(options: argparse.Namespace) -> float:
    """Largest difference between the logits of the two variants on the same weights."""
    torch.manual_seed(0)
    theirs, mine = make_transformers(options, "sdpa"), LeanLlama(options, "sdpa")
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
        mine.copy_from(theirs)
        ids = torch.randint(0, options.vocab, (2, options.length))
        return (logits_of(theirs, ids) - logits_of(mine, ids)).abs().max().item()


def parse() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description="Eager PyTorch training step of a Llama-shaped model.")
    for name, default in [("hidden", 256), ("layers", 8), ("heads", 8), ("kv-heads", 4), ("intermediate", 768), ("vocab", 512)]:
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--batch", type=int, default=32, help="sequences a step")
    arguments.add_argument("--length", type=int, default=128, help="tokens a sequence")
    arguments.add_argument("--steps", type=int, default=10, help="steps measured, after --warm others")
    arguments.add_argument("--warm", type=int, default=3)
    arguments.add_argument("--variant", choices=["transformers", "lean"], default="transformers")
    arguments.add_argument("--attention", choices=["fastest", "sdpa", "eager"], default="fastest")
    arguments.add_argument("--optimizer", choices=["fastest", "fused", "foreach", "loop"], default="fastest")
    arguments.add_argument("--clip", type=float, default=1.0, help="largest global gradient norm; 0 turns clipping off")
    arguments.add_argument("--threads", type=int, help="default: as PyTorch chooses")
    arguments.add_argument("--peak-seconds", type=float, default=5.0, help="time to spend on the matrix-product peak")
    arguments.add_argument("--check", action="store_true", help="only compare the logits of the two variants")
    return arguments.parse_args()


def main() -> None:
    options = parse()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.check:
        print(json.dumps({"largestDifference": check(options)}))
        return
    attention, optimizer = fastest(options)
    parameters, step = make_step(options, attention, optimizer)
    seconds = statistics.median(time_steps(step, options.warm, options.steps))
    tokens_per_second = options.batch * options.length / seconds
    peak = peak_gflops(options.peak_seconds)
    report = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": torch.get_num_threads(),
        "variant": options.variant,
        "attention": attention,
        "optimizer": optimizer,
        "clip": options.clip,
        "batch": options.batch,
        "length": options.length,
        "parameters": parameters,
        "tokensPerSecond": tokens_per_second,
        "secondsPerStep": seconds,
        "gflops": 6 * parameters * tokens_per_second / 1e9,
        "peakGflops": peak,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()

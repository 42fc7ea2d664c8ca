"""What transformers makes of chats: renders every chat of chats.json with every template of a folder and prints the texts as JSON.

    python conformance/check_chat.py TEMPLATES > expected.json
"""

import json
import sys
from pathlib import Path

import transformers
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def rendered(tokenizer: PreTrainedTokenizerFast, chat: dict) -> dict:
    try:
        return {"text": tokenizer.apply_chat_template(chat["messages"], tools=chat.get("tools"), tokenize=False, **chat["options"])}
    except Exception as error:  # Whatever a template may do: that it refuses is an answer too.
        return {"error": str(error)[:200]}


def main() -> None:
    folder = Path(sys.argv[1])
    chats = json.loads(Path(__file__).with_name("chats.json").read_text())
    answers = {}
    for path in sorted(folder.glob("*.jinja")):
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), **TOKENS)
        tokenizer.chat_template = path.read_text()
        answers[path.name] = [rendered(tokenizer, chat) for chat in chats]
    json.dump({"transformers": transformers.__version__, "answers": answers}, sys.stdout)


main()

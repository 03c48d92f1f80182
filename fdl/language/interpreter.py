"""From a sentence to its translation: words, numbers, decoding, and back.

Letters: ``B`` batch, ``S`` source steps, ``T`` target steps.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import numpy as onp

from fdl import data
from fdl._mxnet import np
from fdl.data.archives import damage
from fdl.data.pair_buckets import UNK, place_sources
from fdl.errors import DataError, must, refuse_text
from fdl.language import decoding
from fdl.language.memory import Memory
from fdl.language.translation import Translator
from fdl.nn import get_parameters, set_parameters
from fdl.nn._checks import check_whole
from fdl.nn.modes import line_by_line
from fdl.scratch._checks import not_negative
from fdl.train import archive

__all__ = ["Interpreter", "Translation"]

# tokens of a translation at most
LONGEST = {"words": 60, "pairs": 180, "characters": 360}
BATCH = 100  # sentences decoded at a time


class Translation(NamedTuple):
    """A sentence and its translation, token by token.

    Attributes
    ----------
    source : list of str
        The sentence's tokens; where the vocabulary lacks one, itself.
    target : list of str
        The translation's tokens, without EOS; ``<unk>`` where the decoder
        said so.
    weights : array `(T, S)` or None
        Where attention looked before each token of the target.

    Examples
    --------
    >>> looks = onp.array([[0.9, 0.1], [0.2, 0.8]])
    >>> found = Translation(["Ada", "rit"], ["<unk>", "laughs"], looks)
    >>> found.filled()
    ['Ada', 'laughs']
    """

    source: list[str]
    target: list[str]
    weights: Optional[onp.ndarray]

    def filled(self) -> list[str]:
        """Return the target with each ``<unk>`` replaced.

        In its place stands the word of the source that attention looked at
        most; without attention it stays.
        """
        if self.weights is None:
            return self.target
        return [
            self.source[int(row.argmax())] if word == data.MARKS[UNK] else word
            for word, row in zip(self.target, self.weights)
        ]


class Interpreter:
    """A translator with its vocabularies.

    Parameters
    ----------
    net : Translator
        The network.
    sources, targets : Vocabulary
        With marks, from :func:`fdl.data.marked_vocabulary`.
    tokenizer : {"words", "characters", "pairs"}
        What a token is.
    reverse : bool
        Whether the network was trained on sources turned round.

    Examples
    --------
    >>> marks = list(data.MARKS)
    >>> french = data.Vocabulary([*marks, "chien"], [0] * 5)
    >>> english = data.Vocabulary([*marks, "dog"], [0] * 5)
    >>> net = Translator(5, 5, embedding=4, hidden=5)
    >>> net.initialize()
    >>> net.bias.set_data(10 * np.eye(5)[2])  # it says no more than EOS
    >>> interpreter = Interpreter(net, french, english)
    >>> interpreter
    Interpreter(Translator(5 → 5 words, 1 × 5 GRU, attention: dot), words)
    >>> interpreter.translate(["chien", "le chien"])
    ['', '']
    >>> Interpreter.of(interpreter.arrays()).sources.words[4:]
    ['chien']
    """

    def __init__(
        self,
        net: Translator,
        sources: data.Vocabulary,
        targets: data.Vocabulary,
        *,
        tokenizer: str = "words",
        reverse: bool = True,
    ) -> None:
        if tokenizer not in data.TOKENIZERS:
            rule = f"be one of {', '.join(data.TOKENIZERS)}"
            raise must("tokenizer", tokenizer, rule)
        for name, words, size in (
            ("sources", sources, net.sources),
            ("targets", targets, net.targets),
        ):
            if len(words) != size or words.words[: len(data.MARKS)] != list(
                data.MARKS
            ):
                rule = f"have the network's {size:,} words, the marks first"
                raise must(name, words, rule)
        self.net, self.sources, self.targets = net, sources, targets
        self.tokenizer, self.reverse = tokenizer, bool(reverse)

    def __repr__(self) -> str:
        return f"Interpreter({self.net}, {self.tokenizer})"

    def arrays(self) -> dict[str, onp.ndarray]:
        """Return all of it as arrays of numbers, texts as UTF-8 bytes."""
        options = [self.reverse, list(data.TOKENIZERS).index(self.tokenizer)]
        return {
            **get_parameters(self.net),
            "sources": _bytes(self.sources.words),
            "targets": _bytes(self.targets.words),
            "options": onp.array(options, onp.uint8),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Interpreter:
        """Return what :meth:`arrays` came from, in the same or less digits.

        Raises
        ------
        DataError
            If these are no interpreter's arrays.
        """
        try:
            found = {
                name: onp.asarray(value) for name, value in arrays.items()
            }
            sources, targets = (
                _words(found.pop(name)) for name in ("sources", "targets")
            )
            reverse, tokenizer = map(int, found.pop("options"))
            rows, hidden = found["encoder.layer0.h2h_weight"].shape
            embedding = found["source_vectors"].shape[1]
            inputs = found["decoder.layer0.i2h_weight"].shape[1]
            net = Translator(
                len(sources.words),
                len(targets.words),
                embedding=embedding,
                hidden=hidden,
                layers=sum(
                    name.startswith("encoder") and name.endswith("h2h_weight")
                    for name in found
                ),
                cell={3: "gru", 4: "lstm"}[rows // hidden],
                attention=_attention(found),
                feed=inputs > embedding,
            )
            set_parameters(net, found)
            kind = list(data.TOKENIZERS)[tokenizer]
            return cls(
                net, sources, targets, tokenizer=kind, reverse=bool(reverse)
            )
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise DataError(
                f"The arrays are not those of a translator: {error}."
            ) from None

    def save(self, path: Union[str, Path]) -> None:
        """Write all of it to an ``.npz`` file, as a whole or not at all.

        Raises
        ------
        CheckpointError
            If the disk does not take it.
        """
        body = io.BytesIO()
        onp.savez(body, **self.arrays())
        archive.write(Path(path), body.getvalue())

    @classmethod
    def load(cls, path: Union[str, Path]) -> Interpreter:
        """Read what :meth:`save` wrote, or what a record keeps.

        Raises
        ------
        DataError
            If the file cannot be read, or holds something else.
        """
        if not Path(path).is_file():
            raise DataError(f"{path} is not a file that can be read.")
        with damage(Path(path)):
            body = io.BytesIO(Path(path).read_bytes())
            with onp.load(body, allow_pickle=False) as file:
                arrays = dict(file)
        return cls.of(arrays)

    def numbers(self, sentences: data.Parallel) -> tuple[list[Any], list[Any]]:
        """Return what ``data.PairBuckets`` takes of these sentences."""
        split = data.TOKENIZERS[self.tokenizer].split
        return (
            [self.sources.numbers(split(s)) for s in sentences.inputs],
            [self.targets.numbers(split(s)) for s in sentences.targets],
        )

    def translate(
        self,
        sentences: Iterable[str],
        beam: int = 1,
        fill: bool = False,
        alpha: float = 0.0,
    ) -> list[str]:
        """Return the translations of sentences, up to 60 words of each.

        Where tokens are pairs of characters or characters, up to 180 or 360.

        Parameters
        ----------
        sentences : iterable of str
            None of them empty.
        beam : int
            Hypotheses kept; 1 takes the likeliest word at each step.
        fill : bool
            Whether to put source words in the place of ``<unk>``.
        alpha : float
            By how much a beam favours the long:
            :func:`fdl.language.length_penalty`.
        """
        join = data.TOKENIZERS[self.tokenizer].join
        return [
            join(found.filled() if fill else found.target)
            for found in self.explain(sentences, beam, alpha)
        ]

    def explain(
        self, sentences: Iterable[str], beam: int = 1, alpha: float = 0.0
    ) -> list[Translation]:
        """Return translations token by token, with what attention saw."""
        check_whole(beam=beam)
        not_negative("alpha", alpha)
        refuse_text("sentences", sentences, "be a list of sentences")
        tokens = [self._split(k, s) for k, s in enumerate(sentences)]
        if not tokens:
            raise must("sentences", [], "be a list of sentences, one at least")
        found: list[Any] = [None] * len(tokens)
        # short ones with short ones: little padding
        order = sorted(range(len(tokens)), key=lambda k: len(tokens[k]))
        with line_by_line(self.net):
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                some = [tokens[k] for k in chosen]
                for k, answer in zip(chosen, self._decode(some, beam, alpha)):
                    found[k] = answer
        return found

    def _split(self, number: int, sentence: str) -> list[str]:
        if not isinstance(sentence, str) or not sentence.strip():
            rule = f"hold no empty sentence, as is number {number}"
            raise must("sentences", sentence, rule)
        return data.TOKENIZERS[self.tokenizer].split(sentence)

    def _memory(self, tokens: Sequence[list[str]]) -> Memory:
        length = max(map(len, tokens))
        rows = [self.sources.numbers(row) for row in tokens]
        placed = place_sources(rows, length, self.reverse)
        device = self.net.bias.list_ctx()[0]
        return self.net.read(np.array(placed, dtype="int32", ctx=device))

    def _decode(
        self, tokens: Sequence[list[str]], beam: int, alpha: float
    ) -> list[Translation]:
        memory, longest = self._memory(tokens), LONGEST[self.tokenizer]
        if beam == 1:
            said = decoding.greedy(self.net, memory, longest)
        else:
            said = [
                decoding.search(
                    self.net, memory, beam, longest, row=row, alpha=alpha
                )[0][0]
                for row in range(len(tokens))
            ]
        weights = decoding.looks(self.net, memory, said)
        found = []
        for k, (source, words) in enumerate(zip(tokens, said)):
            looks = None
            if weights is not None:
                # the padding stands first
                looks = weights[k, : len(words), -len(source) :]
                looks = looks[:, ::-1] if self.reverse else looks
            found.append(
                Translation(source, self.targets.decode(words), looks)
            )
        return found


def _bytes(words: Sequence[str]) -> onp.ndarray:
    text = "\n".join(words).encode("utf-8")
    return onp.frombuffer(text, onp.uint8)


def _words(codes: onp.ndarray) -> data.Vocabulary:
    text = codes.tobytes().decode("utf-8")
    words = text.split("\n")
    return data.Vocabulary(words, [0] * len(words), data.MARKS[UNK])


def _attention(arrays: Mapping[str, Any]) -> str:
    if any(name.startswith("look") for name in arrays):
        return "additive"
    width = arrays["answer.weight"].shape[1]
    hidden = arrays["encoder.layer0.h2h_weight"].shape[1]
    return "none" if width == hidden else "dot"

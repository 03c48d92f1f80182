"""One chapter's MyST as Markdown that Jupyter can show."""

from __future__ import annotations

import base64
import mimetypes
import re
import textwrap
from collections.abc import Callable
from functools import cached_property
from typing import Any

from fdl.book.cards import ERRATUM_MIME
from fdl.book.markdown import Block, Lines, blocks
from fdl.book.numbers import Numbers, number
from fdl.book.project import Chapter
from fdl.book.values import words

__all__ = ["Writer"]

ADMONITIONS = {
    "admonition",
    "attention",
    "caution",
    "danger",
    "dropdown",
    "error",
    "hint",
    "important",
    "margin",
    "note",
    "seealso",
    "sidebar",
    "tip",
    "topic",
    "warning",
}
DROPPED = {
    "bibliography",
    "build-report",
    "claims-table",
    "contents",
    "exercise-end",
    "fdl-api",
    "index",
    "solution-end",
    "toctree",
}
# a role, or code that only looks like one
ROLE = re.compile(
    r"\{([\w:.-]+)\}(`+)(.+?)\2|(?<!`)(`+)(?!`).+?(?<!`)\4(?!`)", re.S
)
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|mailto:)([^)\s]*)\)")
INLINE_ATTRIBUTES = re.compile(r"(?<=[\])`*_$\0])\{[#.:][^}\n]*\}")
BLOCK_ATTRIBUTES = re.compile(r"^\s*\{[#.][^}]*\}\s*$")
TITLED = re.compile(r"(.+?)\s*<([^<>]+)>$", re.S)


class Writer:
    """Turns the Markdown of one chapter into Jupyter's.

    Examples
    --------
    >>> from pathlib import Path
    >>> from nbformat import v4
    >>> from fdl.book.project import Project
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> _ = Path("chapters/04-loss.md").write_text("# Loss")
    >>> writer = Writer(Project(Path()).chapter("4"), v4.new_notebook())
    >>> writer.convert("{math}`y` is in {ref}`the part on loops <loops>`.")
    '$y$ is in the part on loops.'
    """

    def __init__(self, chapter: Chapter, run: Any) -> None:
        self.chapter, self.run = chapter, run
        self.numbers: Numbers = number(chapter)
        self.attachments: dict[str, dict[str, str]] = {}
        self.exercises = iter(
            [n for n in self.numbers.order if n.startswith("Exercise")]
        )
        self.listings = iter(
            [n for n in self.numbers.order if n.startswith("Listing")]
        )
        self.tables = iter(
            [n for n in self.numbers.order if n.startswith("Table")]
        )

    @cached_property
    def glued(self) -> dict[str, str]:
        """Values that cells have glued, as text."""
        found = {}
        for cell in self.run.cells:
            for output in cell.get("outputs", []):
                scrap = output.get("metadata", {}).get("scrapbook", {})
                if scrap.get("name"):
                    text = output.get("data", {}).get("text/plain", "")
                    found[scrap["name"]] = text.strip("'\"")
        return found

    @cached_property
    def references(self) -> dict[str, tuple[str, str]]:
        """Authors and year of each entry of the bibliography."""
        path = self.chapter.project.folder / "refs.bib"
        if not path.exists():
            return {}
        from pybtex.database import parse_file

        found = {}
        for key, entry in parse_file(str(path)).entries.items():
            names = [
                " ".join(p.prelast_names + p.last_names)
                for p in entry.persons.get("author", [])
            ]
            if len(names) > 2:
                names = [f"{names[0]} et al."]
            found[key] = (" and ".join(names), entry.fields.get("year", ""))
        return found

    @cached_property
    def elsewhere(self) -> Numbers:
        """What labels of the book's other chapters stand for."""
        found = Numbers()
        for chapter in self.chapter.project.chapters:
            if chapter.name != self.chapter.name:
                there = number(chapter)
                found.labels.update(there.labels)
                found.equations.update(there.equations)
        return found

    # --- blocks

    def convert(self, source: str) -> str:
        """Convert the source of a Markdown cell."""
        return "\n".join(self._pieces(source.splitlines()))

    def _pieces(self, lines: list[str]) -> list[str]:
        made: list[str] = []
        for block in blocks(lines):
            if isinstance(block, Block):
                made += ["", *self._directive(block), ""]
            elif block.code:
                made += block.lines
            else:
                made += self._plain(block)
        return made

    def _plain(self, block: Lines) -> list[str]:
        kept = [
            line
            for line in block.lines
            if not re.match(r"\([^)]+\)=\s*$", line)
            and not line.startswith(("% ", "+++"))
            and not BLOCK_ATTRIBUTES.match(line)
        ]
        text = self._equations("\n".join(kept))
        return self.inline(text).split("\n")

    def _equations(self, text: str) -> str:
        def tagged(match: re.Match[str]) -> str:
            tag = self.numbers.equations.get(match[2])
            body = match[1].rstrip()
            end = "\n" if "\n" in match[1] else " "
            return f"$${body} \\tag{{{tag}}}{end}$$"

        return re.sub(
            r"\$\$(.+?)\$\$ *\(([^)\s]+)\)", tagged, text, flags=re.S
        )

    def _directive(self, block: Block) -> list[str]:
        name = block.name
        if name in DROPPED:
            return []
        known: dict[str, Callable[[Block], list[str]]] = {
            "chapter-box": self._box,
            "code": self._code,
            "code-block": self._code,
            "sourcecode": self._code,
            "errata-table": self._errata,
            "exercise": self._exercise,
            "exercise-start": self._exercise,
            "figure": self._figure,
            "glue:figure": self._glued_figure,
            "image": self._figure,
            "list-table": self._list_table,
            "listing": self._listing,
            "math": self._math,
            "solution": self._solution,
            "solution-start": self._solution,
            "table": self._table,
        }
        if name in known:
            return known[name](block)
        if name in ADMONITIONS:
            title = block.argument or name.capitalize()
            return _quote(
                [f"**{self.inline(title)}**", "", *self._pieces(block.body)]
            )
        heading = [f"**{self.inline(block.argument)}**", ""]
        body = self._pieces(block.body)
        return [*heading, *body] if block.argument else body

    def _box(self, block: Block) -> list[str]:
        took = self.run.metadata.fdl.run
        data = [
            name if kind == "official" else f"{name} ({kind})"
            for name, kind in took.data.items()
        ]
        facts = (
            f"Chapter {self.chapter.number} of *Fundamentals of Deep "
            "Learning: the executable companion*. It needs the package "
            f"`fdl`. The outputs took {took.seconds:.0f} s and "
            f"{took.memory / 2**20:.0f} MiB in the {took.profile} profile; "
            f"data: {', '.join(data) or 'none'}."
        )
        body = self._pieces(block.body)
        return _quote(["**What you will build**", "", *body, "", facts])

    def _errata(self, block: Block) -> list[str]:
        """List what the run has shown to be wrong."""
        return [
            f"- {card['where'] or card['key']}: the original has "
            f"{card['book']}; right is {card['correct']}."
            for cell in self.run.cells
            for output in cell.get("outputs", [])
            if (card := output.get("data", {}).get(ERRATUM_MIME))
        ]

    def _code(self, block: Block) -> list[str]:
        made = [f"```{block.argument}", *block.body, "```"]
        if "caption" in block.options:
            caption = self.inline(block.options["caption"])
            made = [f"**{next(self.listings)}.** {caption}", "", *made]
        return made

    def _listing(self, block: Block) -> list[str]:
        graph = self.chapter.project.graph
        module, path = graph.locate(block.argument)
        file = graph.files[module]
        every = file.read_text(encoding="utf-8").splitlines()
        kept = graph.lines(module, path, "nodoc" in block.options)
        lines = [every[i - 1] for i in kept]
        lines = textwrap.dedent("\n".join(lines)).splitlines()
        name = file.relative_to(self.chapter.project.root).as_posix()
        where = f"`{path}` in `{name}`" if path else f"`{name}`"
        return [
            f"**{next(self.listings)}.** {where}",
            "",
            "```python",
            *lines,
            "```",
        ]

    def _math(self, block: Block) -> list[str]:
        tag = self.numbers.equations.get(
            block.options.get("label") or block.options.get("name", "")
        )
        body = [line for line in [block.argument, *block.body] if line.strip()]
        return ["$$", *body, *([f"\\tag{{{tag}}}"] if tag else []), "$$"]

    def _figure(self, block: Block) -> list[str]:
        source = block.argument
        path = self.chapter.path.parent / source.lstrip("/")
        if path.is_file():
            kind = mimetypes.guess_type(path.name)[0] or "image/png"
            self.attachments[path.name] = {
                kind: base64.b64encode(path.read_bytes()).decode()
            }
            source = f"attachment:{path.name}"
        label = self._number_of(block)
        made = [f"![{block.options.get('alt', '')}]({source})"]
        return [*made, "", *self._caption(label, block.body)]

    def _glued_figure(self, block: Block) -> list[str]:
        label = self._number_of(block)
        return self._caption(label, block.body)

    def _number_of(self, block: Block) -> str:
        return self.numbers.labels.get(block.options.get("name", ""), "")

    def _caption(self, label: str, body: list[str]) -> list[str]:
        text = "\n".join(self._pieces(body)).strip()
        if label and text:
            text = f"**{label}.** {text}"
        return text.split("\n")

    def _table(self, block: Block) -> list[str]:
        made: list[str] = []
        if block.argument:
            title = self.inline(block.argument)
            made = [f"**{next(self.tables)}.** {title}", ""]
        return [*made, *self._pieces(block.body)]

    def _list_table(self, block: Block) -> list[str]:
        rows: list[list[str]] = []
        for line in block.body:
            if m := re.match(r"\s*[*-]\s+[*-]\s*(.*)", line):
                rows.append([m[1]])
            elif m := re.match(r"\s+[*-]\s*(.*)", line):
                rows[-1].append(m[1])
            elif line.strip() and rows:
                rows[-1][-1] += " " + line.strip()
        made = self._table(Block("table", block.argument, {}, [], ""))
        for i, row in enumerate(rows):
            cells = [self.inline(c).replace("|", "\\|") for c in row]
            made.append(f"| {' | '.join(cells)} |")
            if i == 0:
                made.append("|" + " --- |" * len(row))
        return made

    def _exercise(self, block: Block) -> list[str]:
        name = next(self.exercises)
        title = f" ({self.inline(block.argument)})" if block.argument else ""
        return [f"### {name}{title}", "", *self._pieces(block.body)]

    def _solution(self, block: Block) -> list[str]:
        name = self.numbers.labels.get(block.argument, "the exercise")
        return [f"### Solution of {name}", "", *self._pieces(block.body)]

    # --- inside a line

    def inline(self, text: str) -> str:
        """Turn roles and links inside the site into words."""
        kept: list[str] = []

        def token(match: re.Match[str]) -> str:
            if match[1]:
                return self._role(match)
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"

        text = ROLE.sub(token, text)
        text = LINK.sub(self._link, text)
        text = INLINE_ATTRIBUTES.sub("", text)
        return re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], text)

    def _role(self, match: re.Match[str]) -> str:
        role, content = match[1], match[3]
        titled = TITLED.match(content)
        title, target = (titled[1], titled[2]) if titled else ("", content)
        if role.startswith("cite"):
            return self._cite(role, content)
        if role.startswith("glue"):
            return self._glue(content)
        if role == "math":
            return f"${content}$"
        if role in ("sub", "sup"):
            return f"<{role}>{content}</{role}>"
        if role == "eq":
            tag = self.numbers.equations.get(target)
            return f"({tag or self.elsewhere.equations.get(target, target)})"
        if role == "numref":
            label = self.numbers.labels.get(target)
            label = label or self.elsewhere.labels.get(target, target)
            if "%s" in title:
                return title.replace("%s", label.split()[-1])
            return title or label
        if role in ("ref", "doc", "any", "prf:ref", "term"):
            name = target.rpartition("/")[2].removesuffix(".md")
            return title or self.numbers.labels.get(target, _title(name))
        if role == "download":
            return title or target
        if role.startswith("py:") or role in ("code", "kbd"):
            return f"`{title or target.lstrip('~!')}`"
        return title or target

    def _cite(self, role: str, keys: str) -> str:
        made = []
        for key in re.split(r"\s*,\s*", keys):
            who, year = self.references.get(key, (key, ""))
            made.append(
                f"{who} ({year})" if role == "cite:t" else f"{who}, {year}"
            )
        return "; ".join(made) if role == "cite:t" else f"({'; '.join(made)})"

    def _glue(self, content: str) -> str:
        key, _, form = content.partition(":")
        text = self.glued.get(key, key)
        if form:
            try:
                return format(float(text), form)
            except ValueError:
                return text
        return text

    def _link(self, match: re.Match[str]) -> str:
        text, target = match[1], match[2]
        if target.startswith("attachment:"):
            return match[0]
        label = target.lstrip("#")
        if text:
            return text
        return self.numbers.labels.get(label, _title(label))


def _title(name: str) -> str:
    """A readable name for a page or a label that is elsewhere."""
    if m := re.match(r"(\d\d)-", name):
        return f"Chapter {int(m[1])}"
    return words(name.replace("-", " "))


def _quote(lines: list[str]) -> list[str]:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return [f"> {line}".rstrip() for line in text.split("\n")]

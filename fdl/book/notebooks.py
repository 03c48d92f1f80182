"""The chapters as Jupyter notebooks that need no Sphinx to be read.

What Jupyter cannot show becomes plain Markdown: admonitions are quotations,
listings are code, references are words. The outputs are those of the run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

from fdl.book.plain import Writer
from fdl.book.project import Chapter, Project, find_root, write_text

__all__ = ["notebook", "write"]


def write(folder: Path | str, project: Project | None = None) -> list[Path]:
    """Write every chapter whose run still holds as a notebook.

    Parameters
    ----------
    folder : path
        Where to; ``NAME.ipynb`` for each chapter.
    project : Project, optional
        The book; by default the one around the working directory.

    Returns
    -------
    list of Path
        The notebooks.

    Examples
    --------
    >>> Path("book/chapters").mkdir(parents=True)
    >>> _ = Path("book/chapters/04-loss.md").write_text("# Loss")
    >>> write("notebooks", Project(Path("book")))  # it has not been run
    []
    """
    project = project or Project(find_root())
    written = []
    for chapter in project.chapters:
        run = chapter.fresh()
        if run is None:
            continue
        path = Path(folder) / f"{chapter.name}.ipynb"
        write_text(path, nbformat.writes(notebook(chapter, run)) + "\n")
        written.append(path)
    return written


def notebook(chapter: Chapter, run: Any) -> Any:
    r"""Return a chapter as a notebook for readers.

    Parameters
    ----------
    chapter : Chapter
        The chapter, with today's prose.
    run : NotebookNode
        Its executed notebook.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from nbformat import from_dict, v4
    >>> Path("chapters").mkdir()
    >>> text = "# One\n\n```{note}\nSo it is.\n```"
    >>> _ = Path("chapters/01-one.md").write_text(text)
    >>> run = v4.new_notebook(metadata={"fdl": {"key": "", "run": {}}})
    >>> print(notebook(Project(Path()).chapter("1"), run).cells[0].source)
    # One
    <BLANKLINE>
    > **Note**
    >
    > So it is.
    """
    writer = Writer(chapter, run)
    outputs = [c for c in run.cells if c.cell_type == "code"]
    made = nbformat.v4.new_notebook()
    made.metadata.update(
        kernelspec={
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        },
        language_info=run.metadata.get("language_info", {"name": "python"}),
        fdl={"key": run.metadata.fdl.key, "run": run.metadata.fdl.run},
    )
    position = -1
    for cell in chapter.notebook.cells:
        if cell.cell_type == "markdown":
            _add_markdown(made, writer.convert(cell.source), writer)
        elif cell.cell_type == "code":
            position += 1
            done = outputs[position]
            new = nbformat.v4.new_code_cell(
                cell.source,
                execution_count=done.execution_count,
                outputs=done.outputs,
            )
            tags = cell.metadata.get("tags", [])
            if any(t.split("-")[0] in ("hide", "remove") for t in tags):
                hidden = [t for t in tags if not t.endswith("-output")]
                if hidden:
                    new.metadata["jupyter"] = {"source_hidden": True}
            made.cells.append(new)
            if position in writer.numbers.captions:
                caption = str(cell.metadata.mystnb.figure.caption)
                _add_markdown(
                    made,
                    f"**{writer.numbers.captions[position]}.** "
                    + writer.inline(caption.strip()),
                    writer,
                )
    for i, cell in enumerate(made.cells):
        cell.id = f"cell-{i}"
    nbformat.validate(made)
    return made


def _add_markdown(made: Any, text: str, writer: Writer) -> None:
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    attachments, writer.attachments = writer.attachments, {}
    if not text.strip():
        return
    cell = nbformat.v4.new_markdown_cell(text)
    if attachments:
        cell["attachments"] = attachments
    made.cells.append(cell)

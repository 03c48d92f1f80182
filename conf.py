"""How Sphinx builds the book; `make html` runs the chapters before it."""

from pathlib import Path

from fdl import __version__
from fdl.book.project import EXTENSIONS

project = "Fundamentals of Deep Learning: the executable companion"
author = "The fdl authors"
copyright = "the fdl authors; Apache License 2.0"
release = version = __version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_togglebutton",
    "sphinx_exercise",
    "sphinxcontrib.bibtex",
    "fdl.book.sphinx",
]
templates_path = ["chapters/_templates"]
exclude_patterns = ["_search", "_static", "_templates", "**.ipynb_checkpoints"]

# Chapters: the outputs are there already.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "gfm"  # plain Markdown has no tables
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"
myst_enable_extensions = EXTENSIONS
myst_heading_anchors = 3

# Numbers.
numfig = True
math_numfig = True
numfig_secnum_depth = 1
math_eqref_format = "({number})"
numfig_format = {
    "figure": "Figure %s",
    "table": "Table %s",
    "code-block": "Listing %s",
    "section": "Section %s",
}

# Bibliography and exercises.
bibtex_bibfiles = ["chapters/refs.bib"]
bibtex_reference_style = "author_year"
exercise_style = "solution_follow_exercise"

# The reference.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_param = False
napoleon_use_rtype = False
add_module_names = False
python_use_unqualified_type_names = True
default_role = "code"
maximum_signature_line_length = 90

# The site: everything that a page needs lies beside it.
html_theme = "sphinx_book_theme"
html_title = "Fundamentals of Deep Learning, executable"
html_static_path = ["chapters/_static"]
html_favicon = "chapters/_static/favicon.svg"
html_css_files = ["book.css"]
html_js_files = ["js/maths.js", ("js/page.js", {"defer": "defer"})]
html_copy_source = False
html_search_scorer = str(Path(__file__).parent / "chapters/_search/score.js")
html_show_sourcelink = False
html_show_sphinx = False
html_secnumber_suffix = "\u2002"
html_math_renderer = "mathjax"  # Sphinx would take the e-book's
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {
    "svg": {"fontCache": "global"},
    "options": {"enableMenu": False},
}
copybutton_selector = "div:not(.output) > div.highlight pre"
copybutton_exclude = ".linenos, .gp, .go"
togglebutton_hint = "Show"
togglebutton_hint_hide = "Hide"
html_context = {"default_mode": "auto"}
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_source_button": False,
    "use_repository_button": False,
    "use_edit_page_button": False,
    "use_issues_button": False,
    "navbar_persistent": [],
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "toc_title": "On this page",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
# The book as one file.
epub_title = project
epub_author = author
epub_publisher = author
epub_description = (
    "Each chapter of the book told anew, with code that ran, its outputs, "
    "and the book's numbers beside those measured."
)
epub_identifier = epub_uid = "fdl-book"
epub_scheme = "ID"
epub_css_files = ["ebook.css"]
epub_show_urls = "no"
epub_tocdepth = 2
epub_exclude_files = ["search.xhtml", "_static/mathjax/LICENSE"]

linkcheck_timeout = 20
linkcheck_retries = 2

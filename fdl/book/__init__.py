"""What the chapters and the site need: claims, errata, execution, Sphinx.

A chapter's cells use five names from here::

    from fdl.book import claim, erratum, movie, profile, record

The rest turns a folder of MyST chapters into a site: `execution` runs the
stale chapters, `sphinx` reads what they left, `notebooks` writes the copies
that a reader downloads.
"""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "ClaimError": "claims",
        "claim": "claims",
        "erratum": "errata",
        "movie": "movies",
        "profile": "chapter",
        "record": "chapter",
    },
)

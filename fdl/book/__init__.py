"""What the chapters and the site need: claims, errata, execution, Sphinx.

A chapter's cells use these names from here::

    from fdl.book import claim, erratum, profile, record
    from fdl.book import atlas, glances, movie, planner, stepper

The rest turns a folder of MyST chapters into a site: `execution` runs the
stale chapters, `sphinx` reads what they left, `notebooks` writes the copies
that a reader downloads.
"""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "ClaimError": "claims",
        "atlas": "atlases",
        "claim": "claims",
        "erratum": "errata",
        "glances": "attention",
        "movie": "movies",
        "planner": "planners",
        "profile": "chapter",
        "record": "chapter",
        "stepper": "steppers",
    },
)

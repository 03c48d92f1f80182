"""Networks with a memory outside of themselves."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "DNC": "dnc",
        "DNCState": "dnc",
        "Heads": "ntm",
        "Interface": "dnc",
        "MemoryNetwork": "network",
        "NTM": "ntm",
        "NTMState": "ntm",
        "Sequences": "tasks",
        "StoryBatches": "reading",
        "StorySteps": "babi",
        "addressing": "addressing",
        "answer_loss": "reading",
        "associative_recall": "tasks",
        "babi": "babi",
        "bit_errors": "tasks",
        "copy": "tasks",
        "copy_series": "tasks",
        "dnc": "dnc",
        "dnc_step": "dnc",
        "free_list": "free_list",
        "links": "links",
        "network": "network",
        "ntm": "ntm",
        "ntm_step": "ntm",
        "reading": "reading",
        "repeat_copy": "tasks",
        "right_ends": "tasks",
        "task_errors": "babi",
        "tasks": "tasks",
    },
)

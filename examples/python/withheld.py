"""A field that is null says nothing by itself: it is empty, or withheld from your role. `withheld` on the object tells."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Told(Generic[T]):
    """The field says this."""

    value: T
    state = "told"


@dataclass(frozen=True)
class Empty:
    """There is nothing."""

    state = "empty"


@dataclass(frozen=True)
class Hidden:
    """There may be something, and it is not for your role. Never take it for `Empty`."""

    category: str
    state = "withheld"


Withheld = Told[T] | Empty | Hidden


def field(of: dict, name: str, category: str) -> Withheld:
    """Reads a field of an object. `category` is what the field belongs to: the schema's descriptions say so."""
    if of[name] is not None:
        return Told(of[name])
    return Hidden(category) if category in of["withheld"] else Empty()


def in_words(read: Withheld) -> str:
    """The same in words for a person."""
    match read:
        case Told(value):
            return str(value)
        case Empty():
            return "not recorded"
        case Hidden(category):
            return f"withheld ({category})"

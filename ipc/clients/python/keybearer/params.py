"""Parameters as the broker takes them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from .errors import KeybearerError


def given(**params: Any) -> Dict[str, Any]:
    """Without what was not given: None, and a flag that is not set."""
    return {name: value for name, value in params.items() if value is not None and value is not False}


def names(param: str, listed: Optional[Sequence[str]]) -> Optional[List[str]]:
    """The list; one text in the place of a list is KeybearerError "invalid_params"."""
    if isinstance(listed, str):
        raise KeybearerError("invalid_params", f"{param} is a list, not one text")
    return None if listed is None else list(listed)

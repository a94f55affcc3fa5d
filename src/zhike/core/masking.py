"""What is left to read of a value that a person may know of, but not know."""

from __future__ import annotations

HIDDEN = "*"
HOME = "86"
_FULL = 7  # a shorter number would be told by its ends
_ID = 10


def mask_phone(number: str) -> str:
    """``+8613812341234`` → ``138****1234``; of a short number only the last two digits are left."""
    digits = "".join(char for char in number if char.isdigit())
    if not digits:
        return mask_text(number)
    abroad = "+" if number.strip().startswith("+") else ""
    if abroad and digits.startswith(HOME):
        abroad, digits = "", digits[len(HOME) :]
    if len(digits) <= _FULL:
        return f"{abroad}{HIDDEN * 4}{digits[-2:]}"
    return f"{abroad}{digits[:3]}{HIDDEN * 4}{digits[-4:]}"


def mask_email(address: str) -> str:
    """``zhou@x.cn`` → ``z***@x.cn``."""
    name, at, domain = address.rpartition("@")
    if not at:
        return mask_text(address)
    return f"{name[:1]}{HIDDEN * 3}@{domain}"


def mask_id(number: str) -> str:
    """``110101199003071234`` → ``110101********1234``; of a short one only the first character is left."""
    text = number.strip()
    if len(text) <= _ID:
        return mask_text(text)
    return f"{text[:6]}{HIDDEN * (len(text) - _ID)}{text[-4:]}"


def mask_text(text: str) -> str:
    """Return the first character, and that there is more: not how much."""
    return f"{text[:1]}{HIDDEN * 3}" if text else ""

"""What consent is asked for, as one literal table: each purpose by itself, with the words it begins with.

The company may publish other words; whoever agreed to earlier ones is then asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. `is_marketing`: a child under fourteen needs a guardian's consent for it."""

    key: str
    label: Text
    words: Text
    is_marketing: bool = False


_TABLE = (
    Purpose(
        "phone",
        Text("电话营销", "Marketing by phone"),
        Text(
            "我同意贵公司打电话向我介绍产品和活动。我可以随时撤回，撤回不影响已经发生的服务。",
            "I agree to be called about products and events. I may withdraw at any time; services already given are not affected.",
        ),
        is_marketing=True,
    ),
    Purpose(
        "message",
        Text("短信和消息营销", "Marketing by message"),
        Text(
            "我同意贵公司通过短信和微信向我介绍产品和活动。我可以随时撤回，撤回不影响已经发生的服务。",
            "I agree to receive messages about products and events. I may withdraw at any time; services already given are not affected.",
        ),
        is_marketing=True,
    ),
    Purpose(
        "email",
        Text("邮件营销", "Marketing by e-mail"),
        Text(
            "我同意贵公司通过电子邮件向我介绍产品和活动。我可以随时撤回，撤回不影响已经发生的服务。",
            "I agree to receive e-mails about products and events. I may withdraw at any time; services already given are not affected.",
        ),
        is_marketing=True,
    ),
    Purpose(
        "sensitive",
        Text("敏感个人信息", "Sensitive personal data"),
        Text(
            "我单独同意贵公司为提供服务处理我的敏感个人信息，例如证件号码和健康状况。",
            "I separately agree that sensitive data of mine, such as numbers of documents and health, is used to serve me.",
        ),
    ),
    Purpose(
        "share",
        Text("提供给第三方", "Handing to others"),
        Text(
            "我单独同意贵公司把我的姓名和联系方式提供给为我提供服务的合作方。",
            "I separately agree that my name and contact details are handed to partners who serve me.",
        ),
    ),
    Purpose(
        "guardian",
        Text("监护人同意（不满十四周岁）", "A guardian's consent (under fourteen)"),
        Text(
            "我是这位不满十四周岁的人的监护人，同意贵公司处理其个人信息，包括自动分类。我可以随时撤回。",
            "I am the guardian of this person, who is under fourteen, and agree that their data is used, also to "
            "classify them automatically. I may withdraw at any time.",
        ),
    ),
)

GUARDIAN, SENSITIVE = "guardian", "sensitive"
PURPOSES: Mapping[str, Purpose] = {purpose.key: purpose for purpose in _TABLE}
ADULT_ENOUGH = 14


def is_child(birthday: date | None, today: date) -> bool:
    """Say whether somebody is known to be too young to agree for themselves."""
    if birthday is None:
        return False
    years = today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))
    return years < ADULT_ENOUGH

"""What the people of 清源水科技 decided over the months: told day by day, through the actions of the pages.

So there is something to see wherever people overrule, review and hear of classes: overrides that hold,
end soon, were lifted; new rules to confirm; what was found wrong, answered and not.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from zhike.cli.demo.company import CHEN, LIN, WANG, ZHOU

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from zhike.accounts.models import User
    from zhike.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Setting:
    """A class set by hand: for so many days, for as long as usual, or for ever."""

    by: str
    name: str
    dimension: str
    class_key: str
    reason: str
    days: int | Literal["usual"] | None = "usual"


@dataclass(frozen=True, slots=True)
class Lifting:
    """A class given back to the rules."""

    by: str
    name: str
    dimension: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A class found wrong, and what the owner of the rules answered later, if anything."""

    by: str
    name: str
    dimension: str
    said: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to whoever found a class wrong."""

    by: str
    name: str
    dimension: str
    words: str


@dataclass(frozen=True, slots=True)
class NewRules:
    """The rules of value as they are from that day on: who buys often counts sooner, and nobody falls unseen."""

    by: str
    note: str
    orders: int


type Step = Setting | Lifting | Finding | Answer | NewRules

# So many days before today, in order; these are days on which everyone is looked at.
STEPS: Mapping[int, tuple[Step, ...]] = {
    90: (
        Setting(
            LIN, "杭州文通路书店", "value", "high", "集团今年新开 11 家店，统一由文通路采购，预计年采购 40 万以上", 95
        ),
        Setting(WANG, "北京鼎和汽车服务", "value", "low", "门店要转让，尾款拖着没付"),
    ),
    30: (
        Setting(LIN, "上海云汀餐饮管理", "value", "high", "集团采购框架已谈妥，明年统一换 12 家店"),
        Lifting(WANG, "北京鼎和汽车服务", "value"),
    ),
    14: (
        NewRules(CHEN, "一年买五次以上也算高价值；高价值要降级，先由负责人看一眼", 5),
        Setting(ZHOU, "南京栖云酒店", "activity", "active", "全店改造，每周有线下例会，系统里没有记录", 45),
        Finding(LIN, "上海屿见民宿管理", "intent", "老板每周都在群里问滤芯价格，没有记进系统"),
    ),
    7: (Answer(CHEN, "上海屿见民宿管理", "intent", "群里的话记成「收到消息」就算互动，规则先不改"),),
    1: (Finding(LIN, "上海素问中医门诊部", "activity", "我们每月上门对账，只是没有记进系统"),),
}


class Desk:
    """Carries out what was decided, as if on that day."""

    def __init__(self, users: Mapping[str, User], today: date) -> None:
        self._users, self._today = users, today

    def tell(self, step: Step) -> None:
        match step:
            case Setting():
                self._set(step)
            case Lifting():
                self._lift(step)
            case Finding():
                self._find(step)
            case Answer():
                self._answer(step)
            case NewRules():
                self._publish(step)

    def _customer(self, name: str) -> Customer:
        from zhike.customers.models import Customer  # noqa: PLC0415

        return Customer.objects.get(name=name)

    def _set(self, step: Setting) -> None:
        from zhike.classification.actions.overrides import override_class  # noqa: PLC0415

        until = self._today + timedelta(days=step.days) if isinstance(step.days, int) else step.days
        override_class(
            customer=self._customer(step.name),
            dimension=step.dimension,
            class_key=step.class_key,
            reason=step.reason,
            by=self._users[step.by],
            expires_on=until,
        )

    def _lift(self, step: Lifting) -> None:
        from zhike.classification.actions.overrides import lift_override  # noqa: PLC0415

        lift_override(customer=self._customer(step.name), dimension=step.dimension, by=self._users[step.by])

    def _find(self, step: Finding) -> None:
        from zhike.classification.actions.reviews import report_wrong  # noqa: PLC0415

        customer = self._customer(step.name)
        report_wrong(customer=customer, dimension=step.dimension, said=step.said, by=self._users[step.by])

    def _answer(self, step: Answer) -> None:
        from zhike.classification.actions.reviews import decide_review  # noqa: PLC0415
        from zhike.classification.models import Review  # noqa: PLC0415

        about = {"customer__name": step.name, "dimension": step.dimension}
        review = Review.objects.get(kind=Review.Kind.FEEDBACK, state=Review.State.OPEN, **about)
        decide_review(review=review, verdict="keep", by=self._users[step.by], answer=step.words)

    def _publish(self, step: NewRules) -> None:
        from zhike.classification.actions.drafts import save_draft, start_draft  # noqa: PLC0415
        from zhike.classification.actions.publications import publish, run_publication  # noqa: PLC0415

        by = self._users[step.by]
        draft = start_draft(dimension="value", by=by)
        data: dict[str, Any] = copy.deepcopy(draft.data)
        high = next(class_ for class_ in data["classes"] if class_["key"] == "high")
        high["demote"] = "review"
        often = next(node for node in high["when"]["any"] if "all" in node)
        often["all"][0]["value"] = step.orders
        saved = save_draft(draft=draft, data=data, revision=draft.revision, by=by)
        run_publication(publish(drafts=[saved], by=by, note=step.note).pk)

"""Plan templates: what is done with whoever enters a class, step by step, with what is said and shown at each.

Data of a pack, or written by people; both are read here, with a sentence and the place for what is wrong. A step is
counted from the start of the plan, from when the step before it was done, or from an event of a kind; a step that waits
for something has no day until that has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from zhike.core.errors import PackError
from zhike.core.reading import only, read_items, read_key, read_mapping, read_one_of, read_text, read_words, said_twice
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

type Method = Literal["call", "visit", "email", "message", "meeting"]
type Who = Literal["owner", "senior", "service"]
type Trigger = Literal["class", "change", "product", "hand"]

METHODS: tuple[Method, ...] = get_args(Method.__value__)
WHO: tuple[Who, ...] = get_args(Who.__value__)
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger.__value__)

# Of one purpose a customer has one plan at a time.
PURPOSES: Mapping[str, Text] = {
    "service": Text("日常维护", "Service"),
    "onboard": Text("新客户启动", "Onboarding"),
    "win": Text("促成成交", "Winning"),
    "renew": Text("续约和复购", "Renewal"),
    "wake": Text("唤醒", "Waking up"),
    "keep": Text("挽留", "Keeping"),
}

START, PREVIOUS, EVENT = "start", "previous", "event:"
_STEP_KEYS = (
    "key",
    "name",
    "offset",
    "after",
    "working_days",
    "method",
    "who",
    "talk_track",
    "material",
    "form",
)
_TEMPLATE_KEYS = ("key", "name", "purpose", "short_goal", "long_goal", "starts", "steps")
_STARTS_KEYS = ("trigger", "dimension", "class", "product")
MAX_OFFSET = 730
MAX_STEPS = 40
MAX_ASKED = 20
MAX_NAME = 60
MAX_GOAL = 200
MAX_TALK = 2_000
_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `offset` days after what `after` names, working days or any.

    `after` is ``start``, ``previous`` (the step before it is done) or ``event:<kind>``. `talk_track` is what may be said,
    `material` what may be shown, `form` the keys of fields that the record of it asks for.
    """

    key: str
    name: Text
    method: Method
    offset: int = 0
    after: str = START
    working_days: bool = True
    who: Who = "owner"
    talk_track: Text = _NOTHING
    material: Text = _NOTHING
    form: tuple[str, ...] = ()

    @property
    def event(self) -> str:
        """The kind of event that it waits for, empty if it waits for none."""
        return self.after.removeprefix(EVENT) if self.after.startswith(EVENT) else ""

    def as_data(self) -> dict[str, Any]:
        """Return it as `read_step` reads it, without what goes without saying."""
        data: dict[str, Any] = {"key": self.key, "name": self.name._asdict(), "method": self.method}
        data |= {"offset": self.offset} if self.offset else {}
        data |= {"after": self.after} if self.after != START else {}
        data |= {} if self.working_days else {"working_days": False}
        data |= {"who": self.who} if self.who != "owner" else {}
        data |= {"talk_track": self.talk_track._asdict()} if any(self.talk_track) else {}
        data |= {"material": self.material._asdict()} if any(self.material) else {}
        return data | ({"form": list(self.form)} if self.form else {})


@dataclass(frozen=True, slots=True)
class Starts:
    """What a template begins by: a class that is entered, any change of a dimension, a product line, or a person."""

    trigger: Trigger = "hand"
    dimension: str = ""
    class_key: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A plan before it is anybody's: near and far goal, what it begins by, and its steps in order."""

    key: str
    name: Text
    purpose: str
    short_goal: Text
    long_goal: Text
    starts: Starts
    steps: tuple[Step, ...]


def read_template(
    data: object, path: str = "", *, classes: Mapping[str, Collection[str]], kinds: Collection[str] = ()
) -> Template:
    """Read a template. `classes` are those that it may name, by dimension; `kinds` the events, any when none are given.

    Raises `PackError` with the path of the place.
    """
    given = read_mapping(data, path)
    only(given, _TEMPLATE_KEYS, path)
    return Template(
        key=read_key(given.get("key"), _at(path, "key")),
        name=_words(given.get("name"), _at(path, "name"), MAX_NAME),
        purpose=read_one_of(given.get("purpose"), tuple(PURPOSES), _at(path, "purpose")),
        short_goal=_words(given.get("short_goal"), _at(path, "short_goal"), MAX_GOAL),
        long_goal=_words(given.get("long_goal"), _at(path, "long_goal"), MAX_GOAL),
        starts=read_starts(given.get("starts", {}), _at(path, "starts"), classes=classes),
        steps=read_steps(given.get("steps"), _at(path, "steps"), kinds=kinds),
    )


def read_starts(data: object, path: str, *, classes: Mapping[str, Collection[str]]) -> Starts:
    """Read what a template begins by; each trigger needs what belongs to it and nothing else."""
    given = read_mapping(data, path)
    only(given, _STARTS_KEYS, path)
    trigger = cast("Trigger", read_one_of(given.get("trigger", "hand"), TRIGGERS, _at(path, "trigger")))
    needed: Mapping[Trigger, tuple[str, ...]] = {
        "class": ("dimension", "class"),
        "change": ("dimension",),
        "product": ("product",),
    }
    for name in _STARTS_KEYS[1:]:
        is_needed = name in needed.get(trigger, ())
        if is_needed and not given.get(name):
            raise PackError("请说明由什么开始。", f"{name} is missing.", path=_at(path, name))
        if not is_needed and given.get(name):
            raise PackError("这种开始方式用不到它。", f"what begins by {trigger} has none.", path=_at(path, name))
    found = Starts(trigger, *(str(given.get(name) or "") for name in _STARTS_KEYS[1:]))
    if found.dimension:
        read_one_of(found.dimension, tuple(classes), _at(path, "dimension"))
    if found.class_key:
        read_one_of(found.class_key, tuple(classes[found.dimension]), _at(path, "class"))
    if len(found.product) > MAX_NAME:
        raise _long(found.product, MAX_NAME, _at(path, "product"))
    return found


def read_steps(data: object, path: str = "steps", *, kinds: Collection[str] = ()) -> tuple[Step, ...]:
    """Read the steps of a template or a plan, each key once."""
    given = read_items(data, path)
    if not 0 < len(given) <= MAX_STEPS:
        raise PackError(f"要有 1 到 {MAX_STEPS} 步。", f"expected from 1 to {MAX_STEPS} steps.", path=path)
    steps = tuple(read_step(item, f"{path}[{index}]", kinds=kinds) for index, item in enumerate(given))
    if steps[0].after == PREVIOUS:
        raise PackError("第一步前面没有别的步骤。", "nothing comes before the first step.", path=f"{path}[0].after")
    seen: set[str] = set()
    for index, step in enumerate(steps):
        if step.key in seen:
            raise said_twice(step.key, f"{path}[{index}].key")
        seen.add(step.key)
    return steps


def read_step(data: object, path: str = "", *, kinds: Collection[str] = ()) -> Step:
    """Read one step."""
    given = read_mapping(data, path)
    only(given, _STEP_KEYS, path)
    return Step(
        key=read_key(given.get("key"), _at(path, "key")),
        name=_words(given.get("name"), _at(path, "name"), MAX_NAME),
        method=cast("Method", read_one_of(given.get("method"), METHODS, _at(path, "method"))),
        offset=_offset(given.get("offset", 0), _at(path, "offset")),
        after=_after(given.get("after", START), _at(path, "after"), kinds),
        working_days=_flag(given.get("working_days", True), _at(path, "working_days")),
        who=cast("Who", read_one_of(given.get("who", "owner"), WHO, _at(path, "who"))),
        talk_track=_said(given.get("talk_track"), _at(path, "talk_track")),
        material=_said(given.get("material"), _at(path, "material")),
        form=_form(given.get("form", ()), _at(path, "form")),
    )


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _offset(data: object, path: str) -> int:
    if isinstance(data, int) and not isinstance(data, bool) and 0 <= data <= MAX_OFFSET:
        return data
    raise PackError(f"应为 0 到 {MAX_OFFSET} 天。", f"expected 0 to {MAX_OFFSET} days.", path=path)


def _flag(data: object, path: str) -> bool:
    if isinstance(data, bool):
        return data
    raise PackError("应为 true 或 false。", "expected true or false.", path=path)


def _after(data: object, path: str, kinds: Collection[str]) -> str:
    if data in {START, PREVIOUS}:
        return str(data)
    if isinstance(data, str) and data.startswith(EVENT) and len(data) > len(EVENT):
        if kinds:
            read_one_of(data.removeprefix(EVENT), tuple(kinds), path)
        return data
    raise PackError(
        "应为 start（计划开始）、previous（上一步完成）或 event:事件类型。",
        "expected start, previous or event:<kind>.",
        path=path,
    )


def _form(data: object, path: str) -> tuple[str, ...]:
    keys = read_words(data, path)
    if len(keys) > MAX_ASKED:
        raise PackError(f"最多 {MAX_ASKED} 项。", f"at most {MAX_ASKED} items.", path=path)
    return keys


def _said(data: object, path: str) -> Text:
    return _NOTHING if data is None else _words(data, path, MAX_TALK)


def _words(data: object, path: str, most: int) -> Text:
    found = read_text(data, path)
    for said in found:
        if len(said) > most:
            raise _long(said, most, path)
    return found


def _long(said: str, most: int, path: str) -> PackError:
    return PackError(
        f"太长：{len(said)} 个字符，最多 {most} 个。", f"too long: {len(said)} characters, at most {most}.", path=path
    )


def without_strangers(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a pack without the plans that name a dimension or a class that it does not have."""
    known = {
        one["key"]: {class_["key"] for class_ in (*one.get("classes", ()), one["default"])}
        for one in data["dimensions"]
    }

    def is_known(starts: Mapping[str, Any]) -> bool:
        dimension, key = starts.get("dimension"), starts.get("class")
        return not dimension or (dimension in known and (not key or key in known[dimension]))

    plans = [plan for plan in data.get("plans", ()) if is_known(plan.get("starts", {}))]
    rest = {name: value for name, value in data.items() if name != "plans"}
    return {**rest, "plans": plans} if plans else rest


def as_data(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return steps as they are stored."""
    return [step.as_data() for step in steps]

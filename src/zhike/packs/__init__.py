"""The packs that ship with Zhike, and the one way to read a pack from a file.

The loader refuses what YAML would swallow: a key that stands twice in a mapping.
"""

from __future__ import annotations

import copy
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast, override

import yaml

from zhike.core.errors import PackError, suggestion
from zhike.core.packs import parse_pack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.core.facts import Field
    from zhike.core.packs import Pack

FOLDER = Path(__file__).parent
MAX_BYTES = 2_000_000
MOST_DIGITS = 40
_UNKEPT = re.compile(r"[\x00\ud800-\udfff]")


def shipped() -> list[str]:
    """Return the names of the packs that ship with Zhike."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_pack(name_or_path: str, custom: Iterable[Field] = ()) -> Pack:
    """Read a shipped pack by its name, or a file by its path.

    Raises `PackError` when there is no such pack or it cannot be read.
    """
    return parse_pack(load_data(name_or_path), custom)


@cache
def _shipped_data(name: str) -> object:
    """Read a shipped pack once a process: a page shows all of them, and YAML is slow to read."""
    return read_yaml((FOLDER / f"{name}.yaml").read_bytes())


def load_data(name_or_path: str) -> object:
    """Return the pack's data, not yet checked."""
    if name_or_path in shipped():
        return copy.deepcopy(_shipped_data(name_or_path))
    path = Path(name_or_path)
    if not path.is_file():
        zh, en = suggestion(name_or_path, shipped())
        listed = "、".join(shipped())
        raise PackError(
            f"没有名为 {name_or_path} 的分类包，也没有这个文件。自带的有：{listed}。{zh}",
            f"there is no pack or file named {name_or_path}. Shipped: {', '.join(shipped())}.{en}",
        )
    with path.open("rb") as file:
        return read_file(file.read(MAX_BYTES + 1), path.name)


def read_file(raw: bytes, name: str) -> object:
    """Return the data of a pack's file, not yet checked: from the shell and from the browser alike."""
    if len(raw) > MAX_BYTES:
        raise PackError(f"{name} 超过 2 MB，不像是分类包。", f"{name} is over 2 MB, too large for a pack.")
    return read_yaml(raw, name)


def read_yaml(raw: bytes, name: str = "") -> object:
    """Return the data of a YAML (or JSON) document. Raises `PackError` with line and column."""
    try:
        return yaml.load(raw.decode("utf-8-sig"), Loader=_StrictLoader)  # noqa: S506  a SafeLoader
    except UnicodeDecodeError as error:
        raise PackError("文件不是 UTF-8 编码。", "the file is not UTF-8.", path=name) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        problem = error.zh if isinstance(error, _Refused) else error.problem
        raise PackError(f"不是有效的 YAML：{problem}。", f"not valid YAML: {error.problem}.", path=place) from error
    except yaml.YAMLError as error:
        problem = str(error).partition("\n")[0]
        raise PackError(f"不是有效的 YAML：{problem}。", f"not valid YAML: {problem}.", path=name) from error
    except RecursionError as error:
        raise PackError("嵌套太深。", "nested too deeply.", path=name) from error
    except (ValueError, TypeError) as error:  # a date that no calendar has, a list as a key
        raise PackError(f"不是有效的 YAML：{error}。", f"not valid YAML: {error}.", path=name) from error


def find_line(text: str, path: str) -> int | None:
    """Return the line on which a place of a document stands, that of what is around it for want of it.

    Only for a document that `read_yaml` has read.
    """
    node = yaml.compose(text, Loader=_StrictLoader)
    for step in re.findall(r"[^.\[\]]+", path):
        inner = _inside(node, step)
        if inner is None:
            break
        node = inner
    return None if node is None else node.start_mark.line + 1


def _inside(node: yaml.Node | None, step: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in _pairs(node) if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        return cast("yaml.Node", node.value[int(step)])
    return None


def _pairs(node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    return cast("list[tuple[yaml.Node, yaml.Node]]", node.value)


class _Refused(yaml.constructor.ConstructorError):
    """What YAML allows and a pack does not."""

    def __init__(self, zh: str, en: str, mark: yaml.Mark) -> None:
        super().__init__(None, None, en, mark)
        self.zh = zh


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses repeated keys, and aliases, which could grow without bound."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise _Refused("不能使用别名（*）", "aliases (*) are not allowed", mark)
        return super().compose_node(parent, index)

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise _Refused(f"键 {key} 出现了两次", f"the key {key} stands here twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)

    @override
    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Refuse numbers of more digits than any bound has; the longest of them Python does not even write out."""
        if len(node.value) > MOST_DIGITS:
            raise _Refused(f"数字最多 {MOST_DIGITS} 位", f"a number has at most {MOST_DIGITS} digits", node.start_mark)
        number: int = super().construct_yaml_int(node)
        return number

    @override
    def construct_yaml_str(self, node: yaml.ScalarNode) -> str:
        """Refuse what no database keeps, which escapes can write: a NUL, and half of a letter."""
        text = super().construct_yaml_str(node)
        if _UNKEPT.search(text):
            raise _Refused("文字里有存不了的字符", "the text holds characters that cannot be kept", node.start_mark)
        return text


_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_yaml_int)
_StrictLoader.add_constructor("tag:yaml.org,2002:str", _StrictLoader.construct_yaml_str)

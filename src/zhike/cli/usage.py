"""What a mistyped command line is told: one sentence, like every other error, and where help is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zhike.cli.language import language, say

if TYPE_CHECKING:
    from typer import TyperException

# Typer speaks English alone. Each of its sentences, and the same in Chinese; what is new stays as it is.
PHRASES = (
    (r"Missing command\.", "缺少命令。"),
    (r"No such command (.+?)\.(?: Did you mean (.+)\?)?", "没有 {0} 这个命令。"),
    (r"No such option: (\S+)(?: \(Possible options: (.+)\))?", "没有 {0} 这个选项。"),
    (r"Missing (?:argument|option|parameter) (.+?)\..*", "缺少 {0}。"),
    (r"Option (\S+) requires an argument\.?", "选项 {0} 后面要有一个值。"),
    (r"Option (\S+) does not take a value\.?", "选项 {0} 后面不能有值。"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", "多出来的内容：{0}。"),
    (r"Invalid value for (.+?): (?:File|Path|Directory) (.+) does not exist\.", "{0}：{1} 不存在。"),
    (r"Invalid value for (.+?): (?:File|Path|Directory) (.+) is a directory\.", "{0}：{1} 是文件夹。"),
    (r"Invalid value for (.+?): (?:File|Path|Directory) (.+) is a file\.", "{0}：{1} 是文件。"),
    (r"Invalid value for (.+?): Input should be a valid integer.*", "{0} 应该是整数。"),
    (r"Invalid value for (.+?): Input should be a valid number.*", "{0} 应该是数字。"),
    (r"Invalid value for (.+?): Input should be less than or equal to (\S+)", "{0} 不能大于 {1}。"),
    (r"Invalid value for (.+?): Input should be greater than or equal to (\S+)", "{0} 不能小于 {1}。"),
    (r"Invalid value for (.+?): Input should be ('.+)", "{0} 只能是 {1}。"),
    (r"Invalid value for (.+?): Value error, ('.*') is not one of (.+)\.", "{0} 只能是 {2}，这里是 {1}。"),
    (r"Invalid value for (.+?): (.+)", "{0} 的值不对：{1}"),
)


def usage_error(error: TyperException) -> str:
    """Return the sentence and the way to the help of the command that was meant."""
    said = error.format_message()
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "zhike"
    if language() == "zh":
        said = _in_chinese(said)
    return f"{said}\n" + say(f"用法见 {command} --help", f"See {command} --help")


def _in_chinese(said: str) -> str:
    for pattern, phrase in PHRASES:
        if found := re.fullmatch(pattern, said):
            nearest = found.groups()[-1] if "Did you mean" in said or "Possible" in said else ""
            return phrase.format(*found.groups()) + (f"是否指 {nearest}？" if nearest else "")
    return said


def translate_help() -> None:
    """Give the headings of a help page their Chinese."""
    from typer import rich_utils  # noqa: PLC0415  slow, and only help needs it

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"

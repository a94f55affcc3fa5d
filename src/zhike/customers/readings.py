"""How the characters of a name are read: in pinyin, by the words they stand in, and by what else is usual.

A dictionary of words reads 重庆 as chongqing and 单 as dan; whoever knows Mr Shan searches for shan. So a
character that people read in more than one way keeps every usual reading.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING

from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# pypinyin is brought in by what needs it: reading its dictionaries takes a quarter of a second of every command.

# As many whole spellings of one name are kept; beyond that one for each further reading.
SPELLINGS_MAX = 8
_FURTHER_MAX = 8

# Characters of names of companies, persons and places that are usually read in several ways.
_USUAL = """
重 zhong chong|长 chang zhang|行 hang xing|乐 le yue|曾 zeng ceng|单 dan shan|解 jie xie|盖 gai ge|朴 pu piao
仇 chou qiu|查 cha zha|区 qu ou|盛 sheng cheng|覃 qin tan|缪 miao mou|厦 xia sha|都 du dou|大 da dai|朝 chao zhao
调 diao tiao|传 chuan zhuan|藏 cang zang|会 hui kuai|泊 bo po|万 wan mo|尉 wei yu|员 yuan yun|沈 shen chen
参 can shen|翟 zhai di|祭 ji zhai|黑 hei he|繁 fan po|秘 mi bi|种 zhong chong|召 zhao shao|还 hai huan
校 xiao jiao|率 lv shuai|弹 dan tan|提 ti di|降 jiang xiang|拓 tuo ta|贾 jia gu|洗 xi xian|省 sheng xing
圈 quan juan|番 fan pan|莞 guan wan|铅 qian yan|宿 su xiu|卡 ka qia|便 bian pian|数 shu shuo|见 jian xian
柏 bai bo|薄 bo bao|堡 bao bu pu|澄 cheng deng|称 cheng chen|匙 chi shi|度 du duo|恶 e wu|给 gei ji|谷 gu yu
龟 gui qiu jun|柜 gui ju|虹 hong jiang|茄 qie jia|强 qiang jiang|嚼 jiao jue|劲 jin jing|觉 jue jiao|壳 ke qiao
勒 le lei|陆 lu liu|露 lu lou|落 luo la|埋 mai man|模 mo mu|牟 mou mu|弄 nong long|娜 na nuo|漂 piao bo|屏 ping bing
瀑 pu bao|曝 pu bao|栖 qi xi|蹊 qi xi|雀 que qiao|色 se shai|塞 sai se|杉 shan sha|什 shen shi|似 si shi
汤 tang shang|巷 xiang hang|削 xiao xue|血 xue xie|殷 yin yan|叶 ye xie|艾 ai yi|粥 zhou yu|钥 yao yue
择 ze zhai|粘 zhan nian|属 shu zhu|琢 zhuo zuo|郇 xun huan|乜 mie nie|隗 wei kui|句 ju gou|适 shi kuo|褚 chu zhu
"""
_READINGS: Mapping[str, tuple[str, ...]] = {
    character: tuple(readings)
    for character, *readings in (entry.split() for line in _USUAL.split("\n") for entry in line.split("|") if entry)
}


# A step of an import sorts all its names before it makes them findable.
@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    """Cut a text into the words of the dictionary, and into stretches of anything but 汉字."""
    from pypinyin.seg.simpleseg import seg  # noqa: PLC0415

    return tuple(seg(text))


# Names are made of the same few thousand words; a dictionary looked into for each name anew is most of an import.
@lru_cache(maxsize=32_768)
def _of_word(word: str, *, toned: bool) -> tuple[str, ...]:
    """Return the syllables of a word, none of what is no 汉字."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415
    from pypinyin.constants import RE_HANS  # noqa: PLC0415

    style = Style.TONE3 if toned else Style.NORMAL
    return tuple(lazy_pinyin(word, style=style, neutral_tone_with_five=toned)) if RE_HANS.match(word) else ()


def toned(text: str) -> list[str]:
    """Return the pinyin of a text with tones as digits, as people sort by; what is no 汉字 stays in pieces as it is."""
    found: list[str] = []
    for word in _words(text):
        found += _of_word(word, toned=True) or (word,)
    return [said for said in found if said]


@lru_cache(maxsize=1024)
def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """Return for each character how it is read, the way the word reads it first; what is no 汉字 as it is."""
    return tuple(_readings(character, said) for character, said in zip(text, _said(text), strict=True))


def _said(text: str) -> Sequence[str]:
    """Return one syllable for each character, told by the words of the text."""
    said: list[str] = []
    for word in _words(text):
        said += _of_word(word, toned=False) or word
    if len(said) == len(text):
        return said
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return ["".join(lazy_pinyin(character, style=Style.NORMAL)) for character in text]


@lru_cache(maxsize=16_384)
def _readings(character: str, said: str) -> tuple[str, ...]:
    if character.isascii():
        return (character,)
    first = fold(said).replace("ü", "v")
    others = [first, *_READINGS.get(character, ())]
    # On a keyboard 吕 is lv; many write lu.
    others += [reading.replace("v", "u") for reading in others if "v" in reading and reading.isascii()]
    return tuple(dict.fromkeys(others))


@lru_cache(maxsize=1024)
def spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read a whole text, the usual one first, each as syllables.

    All combinations of the first readings that differ, then each further one by itself.
    """
    ways = readings(text)
    usual = tuple(way[0] for way in ways)
    forks = [place for place, way in enumerate(ways) if len(way) > 1]
    found = dict.fromkeys(
        _changed(usual, dict(zip(forks, reversed(choice), strict=True)))
        # The last factor of a product changes first: 单 and 曾 stand at the beginning.
        for choice in islice(product(*(ways[place] for place in reversed(forks))), SPELLINGS_MAX)
    )
    alone = (_changed(usual, {place: reading}) for place in forks for reading in ways[place][1:])
    for way in islice((way for way in alone if way not in found), _FURTHER_MAX):
        found[way] = None
    return tuple(found)


def _changed(usual: tuple[str, ...], others: Mapping[int, str]) -> tuple[str, ...]:
    way = list(usual)
    for place, reading in others.items():
        way[place] = reading
    return tuple(way)


def pinyin_lines(text: str) -> list[str]:
    """Return the text in letters, once for each way to read it; nothing where there is nothing to read."""
    return _lines(text, spellings(text)) if not text.isascii() else []


def initial_lines(text: str) -> list[str]:
    """Return the first letters of its characters, once for each way to read it."""
    return _lines(text, ([said[:1] for said in way] for way in spellings(text))) if not text.isascii() else []


def _lines(text: str, ways: Iterable[Iterable[str]]) -> list[str]:
    return [line for line in dict.fromkeys("".join(way) for way in ways) if line != text]


def spelled(text: str) -> str:
    """Return each character followed by its readings: 梧wu;桐tong;."""
    if text.isascii():
        return ""
    return "".join(f"{character}{','.join(way)};" for character, way in zip(text, readings(text), strict=True))

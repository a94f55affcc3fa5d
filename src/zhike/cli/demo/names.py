"""Names made from small tables: people, companies, telephone numbers. None is meant to exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN_FIRST = "思雨子晓文佳志明俊一若梓欣婉清景天承书云安嘉博雅静宇泽诗可逸沐乐知向南修"
_GIVEN_LAST = "涵远宁然琪轩彤辰妍博洋萱帆航敏杰月溪瑶林舟岚晴枫松桐宸禾希川瑜悦霖"
_SINGLE = "磊静敏涛婷洋倩凯岩菲锐冰薇翔璐昊蕾"

_BRAND_FIRST = "云禾澄朗屿知半长万同集青素松恒梧清泽润沐晴岚栖拾景序鹿野木一小大安和初见远舟棠柚枫汀"
_BRAND_LAST = "汀光心润见味亩物象昇木禾问果拓桐源雨泉里间舍川庭语原棠风田石岸秋白合宁朴舟序明"

_TITLES = (
    ("工程总监", "decider"),
    ("采购经理", "buyer"),
    ("行政主管", "user"),
    ("总经理", "decider"),
    ("财务经理", "approver"),
    ("后勤主任", "influencer"),
    ("店长", "user"),
    ("设备主管", "influencer"),
)


class Trade(NamedTuple):
    """A line of business: the ends of its company names, the sizes it comes in."""

    industry: str
    endings: tuple[str, ...]
    sizes: tuple[str, ...]
    weight: int


TRADES = (
    Trade("酒店", ("酒店", "酒店管理", "民宿", "度假酒店"), ("small", "medium", "medium", "large"), 14),
    Trade("餐饮", ("餐饮管理", "餐饮", "食品", "茶业", "咖啡"), ("micro", "small", "small", "medium"), 22),
    Trade("教育", ("幼儿园", "国际学校", "教育科技", "培训学校"), ("small", "medium", "large"), 12),
    Trade("医疗", ("门诊部", "口腔诊所", "体检中心", "生物科技"), ("small", "medium", "large"), 10),
    Trade("办公", ("联合办公", "科技", "设计事务所", "律师事务所"), ("micro", "small", "medium"), 14),
    Trade("健身", ("健身", "瑜伽", "游泳馆"), ("micro", "small"), 8),
    Trade("制造", ("精密制造", "电子", "机械", "制衣"), ("medium", "medium", "large"), 10),
    Trade("物业", ("物业服务", "商业管理"), ("medium", "large"), 6),
    Trade("零售", ("家居", "书店", "生活超市", "花艺"), ("micro", "small"), 10),
)
_TRADE_WEIGHTS = tuple(trade.weight for trade in TRADES)

_PREFIXES = ("130", "131", "133", "135", "136", "137", "138", "139", "150", "151", "158", "159", "177", "186", "188")


def person_name(rng: Random) -> str:
    surname = rng.choice(_SURNAMES)
    two = rng.choice(_GIVEN_FIRST) + rng.choice(_GIVEN_LAST)
    return surname + rng.choice((two, two, two, rng.choice(_SINGLE)))


def trade(rng: Random) -> Trade:
    return rng.choices(TRADES, _TRADE_WEIGHTS)[0]


def company_name(rng: Random, *, city: str, of: Trade) -> str:
    first, last = rng.choice(_BRAND_FIRST), rng.choice(_BRAND_LAST)
    while last == first:
        last = rng.choice(_BRAND_LAST)
    return f"{city}{first}{last}{rng.choice(of.endings)}"


def title(rng: Random) -> tuple[str, str]:
    """Return a job and the part it plays in buying."""
    return rng.choice(_TITLES)


def mobile(rng: Random) -> str:
    """Return a number that is possible; its 0000 says that nobody's was taken."""
    return f"{rng.choice(_PREFIXES)}0000{rng.randrange(10_000):04d}"

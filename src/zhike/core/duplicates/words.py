"""The words by which names of companies and persons and addresses are taken apart: short lists, each with its reason.

A word belongs here when it tells nothing about *which* company or person is meant. All of them are folded and
simplified. docs/duplicates.md says what happens to them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# How companies are constituted. Longest first: 股份有限公司 ends with 有限公司.
LEGAL_FORMS = (
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "集团总公司",
    "股份公司",
    "有限公司",
    "集团公司",
    "总公司",
    "有限合伙",
    "普通合伙",
    "合伙企业",
    "专业合作社",
    "合作社",
    "事务所",
    "工作室",
    "股份",
    "集团",
    "公司",
    "商行",
    "有限",
)
# A part of a company that is a record of its own: 分公司 is not its parent.
BRANCHES = "分公司|子公司|分店|分部|分厂|分行|支行|分校|分院|办事处|代表处|营业部|门市部|经营部|项目部"

# What companies do. Words of one line are used for one another by those who write a name from memory.
TRADES: tuple[tuple[str, ...], ...] = (
    ("科技", "技术", "科技发展", "技术开发", "高科"),
    ("信息", "信息科技", "信息技术", "资讯"),
    ("网络", "网络科技", "网络技术", "互联网", "互联"),
    ("电子", "电子科技", "微电子", "半导体"),
    ("软件", "计算机", "电脑", "数码", "数字", "数据", "系统", "智能", "智能科技", "通信", "通讯"),
    ("贸易", "商贸", "经贸", "工贸", "外贸", "进出口", "国际贸易", "进出口贸易"),
    ("实业", "工业", "产业", "企业", "控股", "投资", "资本", "资产管理", "投资管理", "创业投资", "发展", "开发"),
    ("传媒", "传播", "文化传媒", "文化传播", "广告", "广告传媒", "影视", "文化", "文化发展", "文化创意"),
    ("咨询", "管理咨询", "企业管理", "管理", "顾问", "服务", "商务", "电子商务", "会展", "策划", "营销策划"),
    ("餐饮", "饮食", "餐饮管理", "酒店", "酒店管理", "酒楼", "饭店", "宾馆", "食品", "农业", "茶业", "酒业"),
    ("物流", "货运", "运输", "供应链", "供应链管理", "快递", "货运代理", "国际货运代理", "仓储"),
    ("建筑", "建设", "工程", "建设工程", "建筑工程", "装饰", "装饰工程", "装修", "设计", "园林", "环保", "市政"),
    ("房地产", "地产", "置业", "房地产开发", "物业", "物业管理", "房产"),
    ("机械", "机电", "设备", "机械设备", "制造", "精密", "精密制造", "自动化", "仪器", "模具", "五金", "电器", "电气"),
    ("医药", "药业", "制药", "医疗", "医疗器械", "生物", "生物科技", "健康", "健康管理", "医院", "诊所"),
    ("教育", "教育科技", "教育咨询", "培训", "学校", "学院", "幼儿园"),
    ("化工", "材料", "新材料", "塑料", "包装", "印刷", "纺织", "服饰", "服装", "家具", "家居", "建材", "钢铁", "金属"),
    ("能源", "新能源", "电力", "石油", "光伏", "汽车", "汽车销售", "汽车服务", "汽配"),
    ("金融", "保险", "证券", "银行", "融资租赁", "租赁", "旅游", "旅行社", "百货", "超市", "零售", "珠宝", "美容"),
)
TRADE_OF: Mapping[str, int] = {word: family for family, words in enumerate(TRADES) for word in words}

# The same for companies that write themselves in letters.
LATIN_LEGAL = _words(
    "inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag sa sas sarl srl spa bv nv oy ab as pty "
    "pte kg kgaa holding holdings group"
)
LATIN_SMALL = _words("the a an and of at in on for by de la le les el los der die das und et y e")

# What people are addressed by; it stands behind a Chinese name and before or behind one in letters.
TITLES = re.compile(
    r"(先生|女士|小姐|太太|夫人|老师|总经理|经理|总监|主任|主管|董事长|董事|厂长|店长|院长|校长|处长|科长|部长|局长"
    r"|医生|教授|律师|工程师|同志|老板)$"
)
# Behind a surname alone: 张建工 is a name, 张工 is an engineer.
SHORT_TITLES = frozenset("总董工哥姐")
LATIN_TITLES = _words("mr mrs ms miss dr prof sir madam herr frau jr sr phd md")
# Names of two characters before the name itself.
SURNAMES_OF_TWO = _words(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 "
    "慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 令狐 呼延 轩辕 百里 东郭 南门 西门 第五 拓跋 左丘"
)

# Streets as they are shortened, and ordinals as they are written out.
STREET: Mapping[str, str] = {
    "street": "st",
    "sts": "st",
    "avenue": "ave",
    "av": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "blv": "blvd",
    "lane": "ln",
    "la": "ln",
    "drive": "dr",
    "place": "pl",
    "court": "ct",
    "square": "sq",
    "parkway": "pkwy",
    "highway": "hwy",
    "circuit": "cct",
    "crescent": "cres",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
}

# Mail boxes that belong to no company: a shared one tells of a person, a shared domain tells nothing.
FREE_MAIL = _words(
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net sina.com sina.cn vip.sina.com sohu.com 139.com "
    "189.cn 21cn.com tom.com aliyun.com gmail.com googlemail.com hotmail.com outlook.com live.com msn.com yahoo.com "
    "yahoo.co.uk yahoo.cn yahoo.com.cn icloud.com me.com aol.com gmx.de gmx.net web.de mail.ru yandex.ru proton.me "
    "protonmail.com example.com example.net example.org"
)

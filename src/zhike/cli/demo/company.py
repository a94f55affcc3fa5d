"""清源水科技: its people, its places and what it sells. Commercial water purification."""

from __future__ import annotations

from typing import NamedTuple

COMPANY = "清源水科技"
TIMEZONE = "Asia/Shanghai"
CURRENCY = "CNY"


class Person(NamedTuple):
    """Someone who signs in."""

    email: str
    name: str
    role: str
    team: str


SALES = "直销部"  # the two teams hang below it
EAST = "华东直销组"
NORTH = "华北直销组"

LIN = "lin@qingyuan.example"
WANG = "wang@qingyuan.example"
ZHAO = "zhao@qingyuan.example"
ZHOU = "zhou@qingyuan.example"
CHEN = "chen@qingyuan.example"
SUN = "sun@qingyuan.example"
ZHENG = "zheng@qingyuan.example"

PEOPLE = (
    Person(LIN, "林晓雯", "sales", EAST),
    Person(WANG, "王磊", "sales", NORTH),
    Person(ZHAO, "赵一鸣", "sales", NORTH),
    Person(ZHOU, "周敏", "manager", EAST),
    Person(CHEN, "陈嘉怡", "admin", ""),
    Person(SUN, "孙悦", "marketing", ""),
    Person(ZHENG, "郑海", "auditor", ""),
)


class Firm(NamedTuple):
    """Whose demo it is: what it is called, which rules it works by, and who signs in."""

    name: str
    pack: str
    people: tuple[Person, ...]

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(person.team for person in self.people if person.team))


QINGYUAN = Firm(COMPANY, "general", PEOPLE)


class Place(NamedTuple):
    """A city, its region, how often it comes up, and who looks after it, in shares of ten."""

    city: str
    region: str
    weight: int
    owners: tuple[str, ...]


_EAST_OWNERS = (LIN,) * 6 + (ZHOU,) * 3 + (CHEN,)
_NORTH_OWNERS = (WANG,) * 5 + (ZHAO,) * 4 + (CHEN,)

PLACES = (
    Place("上海", "华东", 30, _EAST_OWNERS),
    Place("杭州", "华东", 10, _EAST_OWNERS),
    Place("苏州", "华东", 7, _EAST_OWNERS),
    Place("南京", "华东", 6, _EAST_OWNERS),
    Place("宁波", "华东", 4, _EAST_OWNERS),
    Place("无锡", "华东", 4, _EAST_OWNERS),
    Place("北京", "华北", 28, _NORTH_OWNERS),
    Place("天津", "华北", 8, _NORTH_OWNERS),
    Place("石家庄", "华北", 4, _NORTH_OWNERS),
    Place("青岛", "华北", 5, _NORTH_OWNERS),
    Place("成都", "西南", 6, _NORTH_OWNERS),
    Place("重庆", "西南", 4, _NORTH_OWNERS),
)


class Article(NamedTuple):
    """Something on the price list: `price` in fen, `usual` the number that a small company takes."""

    name: str
    price: int
    usual: int
    line: str = "product"


MACHINES = (
    Article("商用直饮机 R2", 1_680_000, 1),
    Article("商用净水机 P6", 860_000, 1),
    Article("校园温热直饮台 K3", 1_240_000, 2),
    Article("厨房中央净水 C5", 2_350_000, 1),
)
PLANTS = (
    Article("实验室超纯水系统 L1", 13_800_000, 1),
    Article("软化水系统 S8", 6_900_000, 1),
    Article("中央直饮水站 Z3", 18_600_000, 1),
)
FILTERS = (
    Article("PP 棉滤芯", 4_800, 24),
    Article("活性炭滤芯", 9_600, 12),
    Article("RO 膜", 38_000, 6),
    Article("软水盐 10 kg", 5_500, 20),
)
SERVICES = (
    Article("季度维保", 480_000, 1, "service"),
    Article("年度维保", 1_680_000, 1, "service"),
    Article("水质检测", 120_000, 1, "service"),
    Article("管路清洗", 260_000, 1, "service"),
)
HOME_MACHINES = (
    Article("全屋净水 H2", 1_288_000, 1),
    Article("厨下直饮机 D1", 368_000, 1),
    Article("台上净饮机 T1", 219_900, 1),
)
HOME_FILTERS = (
    Article("家用滤芯套装", 39_900, 1),
    Article("家用 RO 膜", 32_900, 1),
)
HOME_SERVICES = (
    Article("上门换芯", 12_000, 1, "service"),
    Article("家庭水质检测", 9_900, 1, "service"),
    Article("家用年度保养", 49_900, 1, "service"),
)


class Page(NamedTuple):
    """A page of the company's site, with how long people stay on it."""

    title: str
    url: str
    seconds: int


PAGES = (
    Page("首页", "/", 25),
    Page("商用净水机 P6", "/products/p6", 90),
    Page("商用直饮机 R2", "/products/r2", 110),
    Page("R2 报价", "/pricing/r2", 180),
    Page("P6 报价", "/pricing/p6", 160),
    Page("装机案例", "/cases", 140),
    Page("滤芯更换周期表", "/support/filters", 70),
    Page("维保套餐", "/services/plans", 120),
    Page("办公楼直饮水方案", "/solutions/office", 150),
    Page("选型手册下载", "/download/guide", 60),
)

SOURCES_COMPANY = ("官网", "老客户介绍", "酒店用品展", "水展", "电话拓展", "渠道伙伴", "百度推广", "行业协会")
SOURCES_PERSON = ("官网", "小红书", "微信公众号", "老客户介绍", "小区推广", "京东咨询")

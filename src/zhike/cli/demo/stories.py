"""The customers that are known by name, each with a story worth following."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.cli.demo import scripts as s
from zhike.cli.demo.company import LIN, WANG, ZHAO
from zhike.cli.demo.records import DemoContact

if TYPE_CHECKING:
    from collections.abc import Callable

    from zhike.cli.demo.journal import Journal

TEAM_OF_PEOPLE = {"决策": "decider", "审批": "approver", "影响": "influencer", "采购": "buyer", "使用": "user"}


@dataclass(frozen=True, slots=True)
class Story:
    """A customer, how long on record, in how many days to be contacted next, and what happened."""

    name: str
    city: str
    industry: str
    size: str
    source: str
    owner: str
    people: str
    created: int
    next_in: int | None
    tell: Callable[[Journal], None]
    tags: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return "company" if self.size else "person"

    @property
    def contacts(self) -> tuple[DemoContact, ...]:
        """Read 「沈一帆 工程总监 决策 13800002207；…」."""
        found = []
        for person in filter(None, self.people.split("；")):
            name, title, role, *phone = person.split()
            found.append(DemoContact(name, title, TEAM_OF_PEOPLE[role], phone[0] if phone else ""))
        return tuple(found)


STORIES: tuple[Story, ...] = (
    Story(
        "上海梧桐里酒店管理有限公司", "上海", "酒店", "medium", "酒店用品展", LIN,
        "沈一帆 工程总监 决策 13800002207；何静怡 采购经理 使用；裴正 财务总监 审批",
        970, 0, s.wutongli, ("连锁", "可做案例"),
    ),
    Story("上海恒拓精密制造", "上海", "制造", "large", "水展", LIN, "方志远 采购经理 采购 13900004410；严冬 设备主管 影响", 420, -2, s.hengtuo, ("月结",)),
    Story("上海松果亲子乐园", "上海", "教育", "small", "官网", LIN, "许可欣 店长 决策 13700008815", 60, -1, s.songguo, ("新店",)),
    Story("陈思远", "上海", "", "", "小红书", LIN, "", 48, -1, s.chen_siyuan),
    Story("北京禾光咖啡连锁", "北京", "餐饮", "medium", "老客户介绍", LIN, "罗敏 供应链经理 采购 13600003321；宋知行 总经理 决策", 210, 0, s.heguang, ("连锁", "新店")),
    Story("上海集木联合办公", "上海", "办公", "medium", "官网", LIN, "邵文 行政主管 影响 15000007742", 25, 0, s.jimu),
    Story("北京青禾国际学校", "北京", "教育", "large", "行业协会", LIN, "韩立 后勤主任 影响 18600001190；江心月 校长助理 决策", 130, 0, s.qinghe),
    Story("上海素问中医门诊部", "上海", "医疗", "small", "老客户介绍", LIN, "顾清 院办主任 使用 13100005567", 800, 0, s.suwen),
    Story("刘婉清", "上海", "", "", "小红书", LIN, "", 26, 0, s.liu_wanqing),
    Story("上海云汀餐饮管理", "上海", "餐饮", "medium", "电话拓展", LIN, "陆川 运营总监 决策 13500009034", 300, 1, s.yunting, ("连锁",)),
    Story("北京长物家居", "北京", "零售", "small", "官网", ZHAO, "石青 店长 使用", 18, 1, s.changwu),
    Story("北京万象幼教科技", "北京", "教育", "medium", "行业协会", ZHAO, "何雨桐 园区总监 决策 15100006638", 340, 2, s.wanxiang),
    Story("周雨桐", "北京", "", "", "微信公众号", ZHAO, "", 70, 3, s.zhou_yutong),
    Story("上海知味轩食品", "上海", "餐饮", "medium", "渠道伙伴", LIN, "吴天磊 采购经理 采购 13800006021", 400, 4, s.zhiweixuan, ("月结",)),
    Story("北京朗润门诊部", "北京", "医疗", "medium", "老客户介绍", WANG, "白洁 院长助理 决策 13900002286", 720, 5, s.langrun),
    Story("北京北屿健身", "北京", "健身", "small", "百度推广", WANG, "梁野 店长 决策 13300007120", 160, 7, s.beiyu, ("可做案例",)),
    Story("上海屿见民宿管理", "上海", "酒店", "small", "小红书", LIN, "叶知秋 主理人 决策 15800004409", 240, 8, s.yujian),
    Story("上海澄心茶业", "上海", "餐饮", "small", "水展", LIN, "茅以宁 总经理 决策 13600008852", 640, 11, s.chengxin),
    Story("北京同昇物业服务", "北京", "物业", "large", "渠道伙伴", WANG, "康健 工程经理 采购 13700001175", 760, 12, s.tongsheng, ("月结",)),
    Story("赵启明", "北京", "", "", "老客户介绍", ZHAO, "", 500, 14, s.zhao_qiming),
    Story("北京鼎和汽车服务", "北京", "零售", "small", "电话拓展", WANG, "秦海 店长 使用 13500003318", 380, None, s.dinghe),
    Story("上海半亩花田餐饮", "上海", "餐饮", "micro", "百度推广", LIN, "苗青 店主 决策", 520, None, s.banmu),
    Story("杭州文通路书店", "杭州", "零售", "small", "官网", LIN, "文清 店长 决策 15900002231", 190, 1, s.wentonglu),
    Story("宁波海岸线民宿", "宁波", "酒店", "micro", "官网", LIN, "何佳 主理人 决策 13800009917", 64, 0, s.haianxian, ("旺季用水大",)),
    Story("无锡正衡生物科技", "无锡", "医疗", "large", "官网", LIN, "闻涛 实验室主任 影响 18800003026", 40, 0, s.zhengheng),
    Story("南京栖云酒店", "南京", "酒店", "large", "酒店用品展", LIN, "谈笑 工程总监 决策 13900005508", 900, 0, s.qiyun, ("连锁",)),
    Story("苏州锦观物业", "苏州", "物业", "large", "渠道伙伴", LIN, "钱进 项目经理 采购 13700006649", 620, 2, s.jinguan),
    Story("杭州知渔餐饮", "杭州", "餐饮", "medium", "老客户介绍", LIN, "于飞 采购负责人 采购 15800001283", 700, None, s.zhiyu),
    Story("苏州云裳制衣", "苏州", "制造", "medium", "电话拓展", LIN, "盛夏 行政经理 影响", 330, None, s.yunshang),
)  # fmt: skip

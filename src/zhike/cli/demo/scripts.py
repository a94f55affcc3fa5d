"""What happened to the customers that are known by name. Numbers are days before today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.cli.demo.company import (
    FILTERS,
    HOME_FILTERS,
    HOME_MACHINES,
    HOME_SERVICES,
    MACHINES,
    PAGES,
    PLANTS,
    SERVICES,
)

if TYPE_CHECKING:
    from zhike.cli.demo.journal import Journal

R2, P6, K3, C5 = MACHINES
LAB, SOFT, STATION = PLANTS
PP, CARBON, RO, SALT = FILTERS
QUARTER, YEAR, CHECK, PIPES = SERVICES
HOUSE, UNDER, TABLE = HOME_MACHINES
HOME_SET, HOME_RO = HOME_FILTERS
HOME_CHANGE, HOME_CHECK, HOME_YEAR = HOME_SERVICES
PRICES = (PAGES[3], PAGES[4])
R2_PAGES = (PAGES[2], PAGES[3], PAGES[5])


def wutongli(j: Journal) -> None:
    """Tell of a hotel that began with one house, buys every few weeks by now, and grew to high value."""
    j.exhibition(545, "酒店用品展", "上海新国际博览中心")
    j.call(540, "展会上看过 P6，想先在愚园路店试一台", result="有进展")
    j.quote(532, "愚园路店 P6 试点", P6.price)
    j.order(520, P6, 2)
    j.visit(505, "装机验收，出水正常，店里反馈好", place="愚园路店")
    for ago, article, number in (
        (440, PP, 24), (395, QUARTER, 1), (352, PP, 48), (330, RO, 12), (304, QUARTER, 1), (295, C5, 4), (268, CARBON, 36),
        (240, R2, 8), (213, QUARTER, 1), (180, RO, 12), (150, PP, 48), (137, C5, 4), (122, QUARTER, 1), (96, CARBON, 48), (83, R2, 6), (72, RO, 10),
        (52, PP, 60), (30, QUARTER, 1), (12, CARBON, 24),
    ):  # fmt: skip
        j.order(ago, article, number, paid=24)
    j.order_of(1, "PP 棉滤芯 ×48、4040 RO 膜 ×12", 3_864_000, paid=24, at="14:05")
    for ago in (470, 410, 340, 255, 165, 110, 64):
        j.call(ago, "问了各店用水和换芯情况", result="正常")
    for ago in (400, 310, 220, 130):
        j.email(ago, "《水质季报》", opened=2)
    j.email(45, "《三季度水质报告》", opened=2)
    j.ticket(190, "客房出水慢", "5 楼两间客房出水慢", solved=1)
    j.ticket(61, "提示换芯", "大堂吧面板提示换芯", solved=1)
    j.ticket(7, "2 号楼出水慢", "2 号楼出水慢，请来看看", solved=1)
    j.survey(205, 9, "师傅很专业")
    j.survey(50, 9, "响应快")
    j.referral(88, "上海屿见民宿管理")
    j.deal(34, "年度维保续签（6 店）", 9_600_000)
    j.email(30, "《愚园路店改造净水建议》", opened=2, at="10:05")
    j.visit(
        22, "财务总监首次参会。年度预算下月第二周锁定，续签最好在那之前定。", place="愚园路总部", minutes=90, at="15:00"
    )
    j.email(2, "《三季度水质报告与续签方案》", opened=2, at="11:20")
    for ago in (6, 4, 0):
        j.browse(ago, PAGES[1], *R2_PAGES, times=1.4, at="08:47" if ago == 0 else "")
    j.call(
        0,
        "续签没有疑虑，希望滤芯单价再让 3%。愚园路店改造，想加 2 台客房层直饮机。",
        result="有进展",
        minutes=12,
        at="09:12",
    )


def hengtuo(j: Journal) -> None:
    """Tell of a plant whose first phase is paid; the second is being quoted."""
    j.form(415, "水展名片", "对实验室超纯水感兴趣")
    j.call(410, "一期预算 20 万左右，明年立项", result="待跟进")
    for ago in (360, 310, 255, 200):
        j.call(ago, "还在立项，保持联系", result="观望")
    deal = j.deal(170, "超纯水一期", LAB.price)
    j.visit(165, "勘测机房，确认进水水质和排水点", place="松江工厂", minutes=120)
    j.quote(150, "超纯水一期", LAB.price)
    j.move(130, deal, "超纯水一期", old="需求确认", new="商务谈判")
    j.win(86, deal, "超纯水一期", LAB.price)
    j.contract(86, "超纯水一期", LAB.price)
    j.order(86, LAB, paid=30, delivered=24)
    j.order(45, SOFT, 2, paid=30, delivered=14)
    j.order_of(20, "超纯水备件包", 8_290_000, paid=30)
    j.deal(24, "超纯水二期", 19_200_000)
    j.quote(10, "超纯水二期", 19_200_000)
    j.browse(9, PAGES[5], PAGES[7])
    j.messaged(5, "二期报价请按两套流程分开列")
    j.visit(3, "确认二期流量 3 t/h，对方要求本周定稿", place="松江工厂", at="10:00")


def songguo(j: Journal) -> None:
    """Tell of a playground about to sign."""
    j.form(58, "预约回电", "亲子乐园 600 平，需要温热直饮台")
    j.call(57, "开业日期定了，月底前要装好", result="有进展")
    deal = j.deal(50, "乐园直饮台 ×3", K3.price * 3)
    j.visit(42, "量了三个点位，插座需要改", place="松果亲子乐园")
    j.quote(27, "乐园直饮台 ×3", K3.price * 3)
    j.messaged(20, "合同里请写明滤芯更换周期")
    j.move(16, deal, "乐园直饮台 ×3", old="需求确认", new="商务谈判")
    j.browse(6, PAGES[6], PAGES[7])
    j.messaged(4, "合同附件还差更换周期表，麻烦补一下")
    j.call(2, "确认附件今天补发，对方盖章需要两天", result="有进展")


def chen_siyuan(j: Journal) -> None:
    """Tell of a home that bought the whole house within two months."""
    j.browse(47, PAGES[0], PAGES[9])
    j.inquire(46, "全屋净水", "闵行新房装修，120 平，想了解全屋净水")
    j.call(45, "约了周末上门看水管", result="有进展")
    j.order(38, HOUSE, delivered=12, paid=1)
    j.order(24, UNDER, delivered=5, paid=1)
    j.messaged(12, "前置滤芯能不能先备一套？")
    j.order_of(8, "家用滤芯套装 ×5", 208_000, delivered=7, paid=0)
    j.visit(1, "全屋净水装机完成，教了冲洗方法", place="闵行")


def heguang(j: Journal) -> None:
    """Tell of a coffee chain that opens shop after shop."""
    j.inquire(208, "门店净水", "12 家新店，咖啡机结垢严重，求方案")
    j.visit(200, "测了两家店的硬度，建议软化加 RO", place="国贸店")
    j.quote(188, "首批门店净水", P6.price * 10)
    deal = j.deal(186, "首批门店净水", P6.price * 10)
    j.win(150, deal, "首批门店净水", P6.price * 10)
    j.order(150, P6, 10, paid=30)
    for ago, article, number in (
        (120, P6, 12), (98, CARBON, 60), (84, P6, 6), (70, QUARTER, 2), (55, P6, 12), (41, RO, 24), (27, PIPES, 8), (13, CARBON, 96), (4, QUARTER, 2),
    ):  # fmt: skip
        j.order(ago, article, number, paid=20)
    j.ticket(66, "漏水", "三里屯店接头处有水渍")
    j.survey(62, 8, "处理及时")
    j.quote(9, "12 家新店滤芯年度批量价", 6_240_000)
    j.messaged(6, "另一家报的低 4%，你们能不能跟？")
    j.message(1, "已向公司申请批量价，今天上午给答复", at="16:40")


def jimu(j: Journal) -> None:
    """Silent for three weeks, then the first sign."""
    j.email(24, "《办公楼直饮水方案》", opened=1)
    j.browse(8, PAGES[8], times=1.2)
    j.clicked(5, "《办公楼直饮水方案》")
    j.browse(5, PAGES[8], PAGES[9], PAGES[5], times=1.5)
    j.browse(3, PAGES[3], PAGES[7], times=1.5)
    j.clicked(3, "《办公楼直饮水方案》")
    j.replied(3, "《办公楼直饮水方案》", "两层楼 180 个工位，想听一次讲解")


def qinghe(j: Journal) -> None:
    """Tell of a school that can only build in the holidays."""
    j.exhibition(128, "学校后勤装备展", "北京国家会议中心")
    j.call(125, "寒假有施工窗口，先要一份方案", result="有进展")
    j.visit(100, "看了教学楼 18 个点位", place="青禾国际学校", minutes=90)
    deal = j.deal(90, "教学楼直饮台 ×18", K3.price * 18)
    for ago in (75, 58, 40, 26):
        j.call(ago, "方案在校务会上讨论，等排期", result="待跟进")
    j.move(20, deal, "教学楼直饮台 ×18", old="需求确认", new="方案确认")
    j.form(11, "索取检测报告", "需要第三方水质检测报告")
    j.browse(10, PAGES[5], PAGES[8])
    j.email(4, "第三方水质检测报告", opened=2)
    j.replied(2, "第三方水质检测报告", "收到，请尽快出正式报价")


def suwen(j: Journal) -> None:
    """Tell of a clinic whose yearly maintenance runs out; nothing heard since the summer."""
    j.order(540, YEAR, 1)
    j.order_of(346, "年度维保 4 点位", 6_920_000, line="service")
    j.order(300, CHECK, 2, paid=7)
    j.order_of(255, "管路清洗", 260_000, line="service", paid=7)
    j.order(214, CHECK, 2, paid=7, delivered=3)
    j.ticket(230, "水有味道", "早上第一杯水有味道")
    for ago in (320, 240, 150):
        j.call(ago, "例行回访，水质稳定", result="正常")
    j.email(97, "《夏季用水提示》")


def liu_wanqing(j: Journal) -> None:
    j.browse(25, PAGES[0], PAGES[5])
    j.messaged(12, "家里有宝宝，想先测一下自来水")
    j.browse(6, PAGES[5], times=2)
    j.form(5, "预约检测", "周六上午方便")
    j.browse(2, PAGES[5], PAGES[9], times=2)
    j.message(1, "周六 09:00–11:00 上门检测，到前半小时电话联系")


def yunting(j: Journal) -> None:
    """Grew order by order; a little more and it is of high value."""
    j.call(298, "加了微信，答应先看资料", result="待跟进")
    for ago in (262, 221, 185):
        j.message(ago, "发了餐饮门店案例，供参考")
    j.inquire(165, "门店净水", "三家门店换净水，想要整体报价")
    j.quote(158, "三家门店净水", C5.price * 3)
    j.order(140, C5, 3, paid=20)
    for ago, article, number in ((76, P6, 6), (54, C5, 2), (31, QUARTER, 2), (11, CARBON, 140)):
        j.order(ago, article, number, paid=20)
    j.survey(45, 9, "换芯及时")
    j.call(1, "新店年后开两家，先按现有门店备滤芯", result="正常")


def changwu(j: Journal) -> None:
    """Asked nothing yet, but keeps reading."""
    for ago, pages in ((16, (PAGES[0], PAGES[1])), (9, R2_PAGES), (5, PRICES), (2, (PAGES[3], PAGES[5], PAGES[9]))):
        j.browse(ago, *pages, times=1.8)


def wanxiang(j: Journal) -> None:
    j.form(335, "展会名片", "四个园区，想换温热直饮台")
    j.visit(325, "看了望京园的茶水间", place="望京园")
    for ago in (290, 250, 205):
        j.call(ago, "园区预算年中批，到时候再谈", result="观望")
    j.quote(160, "望京园直饮台", K3.price * 4)
    j.order(148, K3, 4, paid=20)
    j.order(80, K3, 4, paid=20)
    j.order(62, CARBON, 40)
    j.order(15, PIPES, 1, paid=7)
    j.browse(20, PAGES[1], PAGES[7])
    j.form(12, "索取报价", "另外两个园区明年上半年")
    j.visit(6, "看了亦庄园的点位，对方要两档报价", place="亦庄园")


def zhou_yutong(j: Journal) -> None:
    j.inquire(66, "厨下直饮", "想装一台厨下直饮，老小区水压低能用吗？")
    j.call(65, "建议先测水压，约了上门", result="有进展")
    j.visit(52, "水压 0.15 MPa，需要加增压泵", place="朝阳")
    j.quote(20, "厨下直饮机 D1 加增压泵", 428_000)
    j.messaged(7, "我和家里商量一下，这周给答复")
    j.message(3, "增压泵可以免费安装，有问题随时说")


def zhiweixuan(j: Journal) -> None:
    """Tell of a food maker that orders every two weeks by now."""
    j.call(395, "渠道介绍，先供一个车间", result="有进展")
    for ago in (350, 300, 250):
        j.call(ago, "车间还在验收，用水标准没定", result="观望")
    j.quote(175, "车间软化水", SOFT.price)
    j.order(160, SOFT, paid=30, delivered=20)
    for ago, article, number in (
        (120, SALT, 200), (84, P6, 8), (70, SALT, 100), (56, RO, 20), (43, SALT, 100), (29, P6, 5), (15, SALT, 100),
    ):  # fmt: skip
        j.order(ago, article, number, paid=20)
    j.inquire(40, "扩产", "二车间扩产，软化水要不要增容？")
    j.message(2, "增容方案已发，水量按 4 t/h 算")


def langrun(j: Journal) -> None:
    """Service only, every quarter, for years."""
    j.contract(540, "三年维保合同", 28_000_000)
    for ago in range(535, 10, -58):
        j.order_of(ago, "门诊楼水系统维保", 4_100_000, line="service", paid=20)
    j.ticket(260, "异响", "增压泵启动时有异响")
    j.ticket(11, "出水慢", "检验科出水慢")
    j.survey(150, 10, "师傅很专业")
    for ago in (400, 230, 100, 40):
        j.call(ago, "例行回访，水质达标", result="正常")


def beiyu(j: Journal) -> None:
    j.inquire(155, "健身房净水", "两家店，会员喝水量大")
    j.quote(146, "直饮机 R2 ×3", R2.price * 3)
    j.order(135, R2, 3, paid=14)
    j.order(70, R2, 2, paid=14)
    j.order(48, CARBON, 60)
    j.order(16, R2, 2, paid=14, delivered=9)
    j.quote(30, "第三家店直饮机", R2.price * 2)
    j.call(0, "装机验收回访，满意，愿意做案例", result="满意", at="09:20")


def yujian(j: Journal) -> None:
    j.messaged(236, "梧桐里酒店介绍来的，想了解客房直饮")
    j.call(235, "民宿 14 间房，先装公区", result="有进展")
    for ago in (200, 160):
        j.message(ago, "发了民宿案例，供参考")
    j.order(110, R2, 2, paid=14)
    for ago, article, number in ((80, P6, 3), (62, CARBON, 40), (18, P6, 2), (6, PP, 48)):
        j.order(ago, article, number, paid=14)
    j.quote(50, "客房层直饮", R2.price * 4)
    j.message(4, "客房层方案先放一放，淡季再装")


def chengxin(j: Journal) -> None:
    j.exhibition(530, "水展", "上海新国际博览中心")
    j.order(500, C5, 2, paid=14)
    for ago, article, number in (
        (430, QUARTER, 1),
        (340, CARBON, 60),
        (250, C5, 3),
        (155, QUARTER, 2),
        (58, CARBON, 120),
    ):
        j.order(ago, article, number, paid=14)
    j.email(300, "《茶饮用水与口感》", opened=3)
    j.survey(140, 9)
    j.message(5, "年节前备货期到了，滤芯要不要提前备？")


def tongsheng(j: Journal) -> None:
    j.contract(520, "写字楼直饮水维保", 24_000_000)
    for ago in range(515, 20, -62):
        j.order_of(ago, "写字楼直饮水维保", 4_030_000, line="service", paid=30)
    j.ticket(33, "漏水", "12 层茶水间接头漏水")
    j.complain(190, "预约迟到", "师傅比约定晚到一小时")
    for ago in (380, 210, 95, 9):
        j.call(ago, "和工程部对了下月检修计划", result="正常")


def zhao_qiming(j: Journal) -> None:
    j.call(490, "邻居介绍，机器是别家的，只做保养", result="待跟进")
    for ago in (120, 84, 11):
        j.order_of(ago, "全屋设备保养与换芯", 428_600, line="service", paid=0)
    j.quote(60, "二楼加装软水机", 680_000)
    j.ticket(13, "提示换芯", "面板提示更换滤芯")
    j.message(13, "师傅明天上午到，顺便带滤芯")


def dinghe(j: Journal) -> None:
    """Silent for 91 days or a little more since the last call: just dormant."""
    j.call(378, "洗车房想回用水，先了解", result="待跟进")
    j.order(300, SOFT, paid=30)
    j.order(180, SALT, 100)
    j.order(141, SALT, 200)
    j.message(120, "提醒加盐，水量大的季节要勤看")
    j.call(93, "旺季忙，过一阵再说", result="观望")


def banmu(j: Journal) -> None:
    """Bought little, closed a shop, and was not heard of again."""
    j.order_of(512, "台上净饮机与滤芯", 540_000, paid=3)
    j.call(282, "店已转让，新店没有定", result="无意向")


def wentonglu(j: Journal) -> None:
    """Watched for half a year; read the prices six times in five days."""
    j.form(186, "预约回电", "书店咖啡区想换直饮水")
    for ago in (180, 140, 105, 70, 38):
        j.call(ago, "书店在谈续租，定了再装", result="观望")
    for ago in (5, 4, 4, 3, 2, 1):
        j.browse(ago, *PRICES, times=1.3)
    j.browse(2, PAGES[9])


def haianxian(j: Journal) -> None:
    j.inquire(62, "民宿净水", "海边水硬，热水器三年换了两台")
    j.call(61, "建议软化，发了两款", result="待跟进")
    j.message(30, "旺季前装来得及，需要随时说")
    for ago in (3, 2, 1, 0):
        j.browse(ago, PAGES[1], PAGES[4], times=1.6)


def zhengheng(j: Journal) -> None:
    j.browse(38, PAGES[0])
    j.email(30, "《实验室用水分级》", opened=2)
    j.browse(4, PAGES[5], PAGES[8], times=1.5)
    j.inquire(2, "实验室纯水", "实验室纯水 2 t/h，预算 30 万，年内上线")


def qiyun(j: Journal) -> None:
    """Of high value, and asleep: the filters are overdue."""
    j.visit(350, "看了锅炉房和客房层", place="栖云酒店", minutes=120)
    j.contract(330, "中央直饮水站", STATION.price)
    j.order(330, STATION, 2, paid=30, delivered=30)
    j.order(240, STATION, 3, paid=30, delivered=30)
    for ago in (290, 200, 160):
        j.order(ago, RO, 48, paid=30)
    j.order(130, PIPES, 6, paid=30, delivered=4)
    j.call(126, "滤芯下一轮更换前再联系", result="正常")


def jinguan(j: Journal) -> None:
    j.order(340, STATION, 2, paid=30, delivered=25)
    j.order(250, YEAR, 6, paid=30)
    j.order(170, SOFT, 3, paid=30)
    j.ticket(150, "漏水", "地库管道接头渗水")
    j.call(98, "维保合同年底到期，续签材料下月给", result="待跟进")


def zhiyu(j: Journal) -> None:
    j.order(520, C5, 8, paid=20)
    j.order(330, C5, 9, paid=20)
    j.order(260, QUARTER, 4)
    j.order(215, RO, 40)
    j.visit(203, "四家店换芯，换了采购负责人，交接中", place="知渔总店")


def yunshang(j: Journal) -> None:
    """Lost on price a month ago."""
    j.inquire(90, "车间直饮水", "两个车间 300 人，要三家比价")
    deal = j.deal(85, "车间直饮水", STATION.price)
    j.visit(70, "看了车间点位", place="云裳车间")
    j.quote(60, "车间直饮水", STATION.price)
    j.move(45, deal, "车间直饮水", old="需求确认", new="商务谈判")
    j.call(30, "价格高于竞品，对方已定别家", result="丢单")
    j.lose(30, deal, "车间直饮水", "价格高于竞品")

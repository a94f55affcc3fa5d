"""What a column of a file can be, with the words by which people and programs call it.

One literal table: a page offers it, a file's columns are recognised by it. The company's own fields come beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOMER, CONTACT, EVENT = "customer", "contact", "event"


class Target(NamedTuple):
    """`key` names it in a plan; `words` are other names, `field` the column of the model whose rights count."""

    key: str
    label: Text
    group: str
    words: tuple[str, ...]
    field: str


def _customer(key: str, zh: str, en: str, words: str, field: str = "") -> Target:
    return Target(key, Text(zh, en), CUSTOMER, tuple(words.split("|")), field or key)


def _contact(key: str, zh: str, en: str, words: str, field: str = "") -> Target:
    name = field or key
    return Target(f"contact.{key}", Text(zh, en), CONTACT, tuple(words.split("|")), name)


def _event(key: str, zh: str, en: str, words: str) -> Target:
    return Target(key, Text(zh, en), EVENT, tuple(words.split("|")), "")


_TARGETS = (
    _customer(
        "id",
        "客户编号",
        "Customer no.",
        "编号|客户号|客户编码|客户代码|客户id|会员号|会员编号|id|key|customerid|customerno|customernumber|accountid|companyid|recordid|record id",
        "key",
    ),
    _customer(
        "name",
        "客户名称",
        "Name",
        "名称|客户|公司|公司名称|公司名|企业名称|单位名称|单位|客户全称|客户公司|所属公司|公司全称|机构名称|name|company|companyname|account|accountname|customer|customername|organization|organisation|organizationname|associatedcompany|employer",
    ),
    _customer("kind", "客户性质", "Kind", "性质|企业或个人|kind|accounttype|customertype"),
    _customer(
        "credit_code",
        "统一社会信用代码",
        "Unified credit code",
        "信用代码|社会信用代码|统一信用代码|税号|纳税人识别号|uscc|taxid|taxnumber",
        "custom.credit_code",
    ),
    _customer(
        "phone",
        "电话",
        "Phone",
        "电话|手机|手机号|手机号码|移动电话|联系电话|联系方式|公司电话|固定电话|座机|办公电话|电话号码|phone|phonenumber|mobile|mobilephone|mobilenumber|tel|telephone|businessphone|companymainphone|phone1value",
    ),
    _customer(
        "phone2",
        "其他电话",
        "Other phones",
        "其他电话|电话2|备用电话|手机2|otherphone|phone2|phone2value|homephone",
        "phone",
    ),
    _customer(
        "email",
        "邮箱",
        "E-mail",
        "邮箱|邮件|电子邮箱|电子邮件|邮箱地址|email|emailaddress|mail|email1value|primaryemail",
    ),
    _customer(
        "email2", "其他邮箱", "Other e-mails", "其他邮箱|邮箱2|email2|email2address|email2value|secondaryemail", "email"
    ),
    _customer("wechat", "微信", "WeChat", "微信号|微信id|wechat|weixin", "wechat"),
    _customer("region", "区域", "Region", "大区|省|省份|省市|所在省|地区|region|state|province|billingstate|stateregion"),
    _customer("city", "城市", "City", "市|所在城市|所在市|地市|city|billingcity|town"),
    _customer("industry", "行业", "Industry", "所属行业|客户行业|行业类别|1级行业|industry|sector"),
    _customer("size", "规模", "Size", "公司规模|企业规模|人员规模|客户规模|size|companysize"),
    _customer(
        "source", "来源", "Source", "客户来源|线索来源|来源渠道|获客渠道|source|leadsource|originalsource|channelsource"
    ),
    _customer("tags", "标签", "Tags", "客户标签|tags|tag|labels|label|categories|groupmembership|分组"),
    _customer(
        "owner",
        "负责人",
        "Owner",
        "负责人|负责人邮箱|所有者|归属人|跟进人|业务员|销售|销售代表|客户经理|owner|accountowner|contactowner|companyowner|leadowner|recordowner",
    ),
    _customer("author", "创建人", "Author", "创建者|录入人|建档人|createdby|creator|author", "owner"),
    _customer(
        "created_on",
        "建档日期",
        "Created",
        "创建时间|创建日期|录入时间|建档时间|添加时间|createdate|createddate|createdtime|createdat|created",
    ),
    _customer("birthday", "生日", "Birthday", "出生日期|birthday|birthdate|dateofbirth"),
    _customer(
        "next_contact_on",
        "下次联系",
        "Next contact",
        "下次联系时间|下次跟进时间|下次联系日期|nextcontact|nextactivitydate|nextfollowup",
    ),
    _customer("preferences", "偏好", "Preferences", "客户偏好|preferences"),
    _customer("campaign", "市场活动", "Campaign", "活动|campaign|campaignsource"),
    _customer(
        "first_touch_channel", "首次接触渠道", "First touch", "首次渠道|firsttouch|firsttouchchannel|originalsourcetype"
    ),
    _customer("first_touch_on", "首次接触日期", "First touch on", "首次接触时间|firsttouchon|firsttouchdate"),
    _contact("name", "联系人", "Contact", "姓名|联系人姓名|首要联系人|主要联系人|联系人名称|fullname|contact|contactname"),
    _contact("family", "姓", "Family name", "姓氏|lastname|familyname|surname", "name"),
    _contact("given", "名", "Given name", "名字|firstname|givenname", "name"),
    _contact("title", "职务", "Title", "职位|岗位|头衔|title|jobtitle|position|organizationtitle|organization1title"),
    _contact("phone", "联系人电话", "Contact phone", "联系人手机|联系人手机号|contactphone|contactmobile"),
    _contact("email", "联系人邮箱", "Contact e-mail", "联系人邮件|contactemail"),
    _contact("role", "联系人角色", "Contact role", "角色|决策角色|role|buyingrole"),
    _contact("birthday", "联系人生日", "Contact birthday", "contactbirthday"),
    _event("occurred_at", "发生时间", "When", "时间|日期|下单时间|订单日期|成交日期|跟进时间|date|time|orderdate|invoicedate|closedate|occurredat|timestamp"),
    _event("kind", "事件类型", "Kind of event", "类型|事件|kind|event|eventtype|type"),
    _event("amount", "金额", "Amount", "订单金额|成交金额|总额|合计|amount|total|price|ordertotal|totalprice"),
    _event("currency", "币种", "Currency", "货币|currency|currencycode"),
    _event("channel", "渠道", "Channel", "channel"),
    _event("key", "事件编号", "Event key", "订单号|订单编号|单号|流水号|orderid|ordernumber|invoice|invoiceno|key|eventid"),
    _event("text", "内容", "Words", "跟进内容|跟进记录|备注|内容|note|notes|description|comment|text"),
    _event("author", "记录人", "Author", "跟进人|创建人|记录人|author|createdby|salesman"),
)  # fmt: skip

TARGETS: Mapping[str, tuple[Target, ...]] = {
    "customers": tuple(t for t in _TARGETS if t.group in {CUSTOMER, CONTACT}),
    "contacts": tuple(t for t in _TARGETS if t.group in {CUSTOMER, CONTACT}),
    "events": tuple(
        t for t in _TARGETS if t.group == EVENT or t.key in {"id", "name", "credit_code", "phone", "email", "city"}
    ),
}


def target(what: str, key: str) -> Target | None:
    """Return a target by its key."""
    return next((one for one in TARGETS[what] if one.key == key), None)


DAYS = frozenset(
    {"created_on", "birthday", "next_contact_on", "first_touch_on", "contact.birthday"},
)
# What a word of the file stands for, where the program has choices of its own.
WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        **dict.fromkeys(
            ("company", "企业", "公司", "单位", "机构", "组织", "business", "organization", "b2b"), "company"
        ),
        **dict.fromkeys(("person", "个人", "自然人", "individual", "consumer", "b2c"), "person"),
    },
    "size": {
        **dict.fromkeys(("micro", "微型", "微", "1-10", "少于10人", "10人以下", "1-9人"), "micro"),
        **dict.fromkeys(("small", "小型", "小", "10-50", "11-50", "10-49人", "20-99人", "50人以下"), "small"),
        **dict.fromkeys(("medium", "中型", "中", "51-200", "50-200", "100-499人", "50-200人"), "medium"),
        **dict.fromkeys(("large", "大型", "大", "200+", "500人以上", "1000人以上", "201-500", "501-1000"), "large"),
    },
    "contact.role": {
        **dict.fromkeys(("decider", "决策", "决策人", "决策者", "decisionmaker"), "decider"),
        **dict.fromkeys(("approver", "审批", "审批人"), "approver"),
        **dict.fromkeys(("influencer", "影响", "影响者"), "influencer"),
        **dict.fromkeys(("buyer", "采购", "采购人"), "buyer"),
        **dict.fromkeys(("user", "使用", "使用者", "enduser"), "user"),
        **dict.fromkeys(("gatekeeper", "把关", "守门人"), "gatekeeper"),
    },
}

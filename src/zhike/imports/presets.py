"""What other programs call their columns in the files that they hand out, as literal tables.

A preset is recognised by the columns in `marks`, which all have to be there; `uses` say what its columns are, `passed` are
bookkeeping of that program. Whatever is in neither is recognised like the columns of any other file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhike.core.text import Text
from zhike.engine.columns import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


_ASIDE = re.compile(r"[（(\[【].*?[)）\]】]")
_MARKS = re.compile(r"[\s_\-*:：/\\.#'\"]+")


def norm(name: str) -> str:
    """Return the form in which the names of columns are compared: no remarks in brackets, no marks between."""
    return _MARKS.sub("", _ASIDE.sub("", plain(name))) or plain(name)


@dataclass(frozen=True, slots=True)
class Preset:
    """The files of one program. `order` is how it writes days whose year stands last."""

    key: str
    label: Text
    what: str
    marks: frozenset[str]
    uses: Mapping[str, str]
    passed: frozenset[str] = frozenset()
    order: str = "ymd"
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def _preset(  # noqa: PLR0913, PLR0917  one argument a column of the table
    key: str, label: Text, what: str, marks: str, uses: Mapping[str, str], passed: str = "", order: str = "ymd"
) -> Preset:
    return Preset(
        key, label, what, frozenset(marks.split("|")), uses, frozenset(filter(None, passed.split("|"))), order
    )


_WUKONG = Text("悟空 CRM", "Wukong CRM")
_FXIAOKE = Text("纷享销客", "Fxiaoke")
_ZOHO, _HUBSPOT, _SALESFORCE = (
    Text("Zoho CRM", "Zoho CRM"),
    Text("HubSpot", "HubSpot"),
    Text("Salesforce", "Salesforce"),
)
_GOOGLE, _OUTLOOK = Text("Google 通讯录", "Google Contacts"), Text("Outlook", "Outlook")

PRESETS: tuple[Preset, ...] = (
    _preset(
        "wukong-customers",
        _WUKONG,
        "customers",
        "客户名称|客户级别|成交状态|首要联系人|锁定状态",
        {
            "客户名称": "name",
            "手机": "phone",
            "电话": "phone2",
            "邮箱": "email",
            "客户行业": "industry",
            "客户来源": "source",
            "下次联系时间": "next_contact_on",
            "负责人": "owner",
            "创建人": "author",
            "创建时间": "created_on",
            "首要联系人": "contact.name",
            "客户级别": "new:choice",
            "成交状态": "new:choice",
            "网址": "new:url",
            "备注": "new:long",
            "详细地址": "new:text",
        },
        "锁定状态|更新时间|最后跟进记录|距进入公海天数|负责人获取客户时间|最后跟进时间",
    ),
    _preset(
        "wukong-contacts",
        _WUKONG,
        "contacts",
        "姓名|客户名称|是否关键决策人|职务",
        {
            "姓名": "contact.name",
            "客户名称": "name",
            "手机": "phone",
            "电话": "phone2",
            "邮箱": "email",
            "职务": "contact.title",
            "负责人": "owner",
            "是否关键决策人": "contact.role",
            "创建时间": "created_on",
        },
        "更新时间|下次联系时间|性别",
    ),
    _preset(
        "fxiaoke-customers",
        _FXIAOKE,
        "customers",
        "客户名称|客户编号|生命状态|负责人|归属部门",
        {
            "客户编号": "id",
            "客户名称": "name",
            "1级行业": "industry",
            "来源": "source",
            "电话": "phone",
            "邮件": "email",
            "省": "region",
            "市": "city",
            "负责人": "owner",
            "创建人": "author",
            "创建时间": "created_on",
            "统一社会信用代码": "credit_code",
            "客户级别": "new:choice",
            "成交状态": "new:choice",
            "详细地址": "new:text",
            "备注": "new:long",
        },
        "生命状态|归属部门|锁定状态|最后修改时间|最后修改人|业务类型|2级行业|国家|区|相关团队|负责人主属部门",
    ),
    _preset(
        "zoho-accounts",
        _ZOHO,
        "customers",
        "Account Name|Account Owner|Created Time",
        {
            "Record Id": "id",
            "Account Name": "name",
            "Account Owner": "owner",
            "Phone": "phone",
            "Website": "new:url",
            "Industry": "industry",
            "Billing City": "city",
            "Billing State": "region",
            "Annual Revenue": "new:money",
            "Employees": "new:integer",
            "Created Time": "created_on",
            "Created By": "author",
            "Tag": "tags",
        },
        "Modified By|Modified Time|Last Activity Time|Account Owner.id|Created By.id|Modified By.id|Locked",
    ),
    _preset(
        "zoho-leads",
        _ZOHO,
        "contacts",
        "Company|Last Name|Lead Owner|Lead Status",
        {
            "Company": "name",
            "First Name": "contact.given",
            "Last Name": "contact.family",
            "Title": "contact.title",
            "Email": "email",
            "Phone": "phone2",
            "Mobile": "phone",
            "Lead Source": "source",
            "Lead Owner": "owner",
            "Industry": "industry",
            "City": "city",
            "State": "region",
            "Created Time": "created_on",
            "Lead Status": "new:choice",
        },
        "Record Id|Modified By|Modified Time|Last Activity Time|Lead Owner.id",
    ),
    _preset(
        "hubspot-companies",
        _HUBSPOT,
        "customers",
        "Record ID|Company name|Company owner|Create Date",
        {
            "Record ID": "id",
            "Company name": "name",
            "Company owner": "owner",
            "Create Date": "created_on",
            "Phone Number": "phone",
            "City": "city",
            "State/Region": "region",
            "Industry": "industry",
            "Company Domain Name": "new:url",
            "Number of Employees": "new:integer",
            "Annual Revenue": "new:money",
        },
        "Last Activity Date|Last Modified Date|Country/Region",
    ),
    _preset(
        "hubspot-contacts",
        _HUBSPOT,
        "contacts",
        "Record ID|First Name|Last Name|Email|Contact owner",
        {
            "First Name": "contact.given",
            "Last Name": "contact.family",
            "Email": "email",
            "Phone Number": "phone",
            "Job Title": "contact.title",
            "Contact owner": "owner",
            "Associated Company": "name",
            "Create Date": "created_on",
            "Original Source": "source",
            "Lead Status": "new:choice",
        },
        "Record ID|Last Activity Date|Marketing contact status|Last Modified Date|Primary Associated Company ID|Associated Company IDs",
    ),
    _preset(
        "salesforce-accounts",
        _SALESFORCE,
        "customers",
        "Account ID|Account Name|Account Owner",
        {
            "Account ID": "id",
            "Account Name": "name",
            "Account Owner": "owner",
            "Phone": "phone",
            "Billing City": "city",
            "Billing State/Province": "region",
            "Industry": "industry",
            "Type": "new:choice",
            "Website": "new:url",
            "Employees": "new:integer",
            "Annual Revenue": "new:money",
            "Created Date": "created_on",
            "Account Source": "source",
        },
        "Last Modified Date|Last Activity|Last Modified By",
        "mdy",
    ),
    _preset(
        "salesforce-contacts",
        _SALESFORCE,
        "contacts",
        "First Name|Last Name|Account Name|Contact ID",
        {
            "First Name": "contact.given",
            "Last Name": "contact.family",
            "Account Name": "name",
            "Title": "contact.title",
            "Phone": "phone2",
            "Mobile": "phone",
            "Email": "email",
            "Contact Owner": "owner",
            "Mailing City": "city",
            "Birthdate": "contact.birthday",
            "Lead Source": "source",
            "Created Date": "created_on",
        },
        "Contact ID|Account ID|Salutation|Last Modified Date|Last Activity",
        "mdy",
    ),
    _preset(
        "google-contacts",
        _GOOGLE,
        "contacts",
        "E-mail 1 - Value|Phone 1 - Value|Organization Name|Last Name",
        {
            "First Name": "contact.given",
            "Last Name": "contact.family",
            "Organization Name": "name",
            "Organization Title": "contact.title",
            "E-mail 1 - Value": "email",
            "E-mail 2 - Value": "email2",
            "Phone 1 - Value": "phone",
            "Phone 2 - Value": "phone2",
            "Phone 3 - Value": "phone2",
            "Birthday": "contact.birthday",
            "Labels": "tags",
            "Notes": "new:long",
            "Address 1 - City": "city",
            "Address 1 - Region": "region",
            "Website 1 - Value": "new:url",
        },
        "Phonetic First Name|Phonetic Middle Name|Phonetic Last Name|Name Prefix|Name Suffix|Nickname|File As|Photo|Middle Name|"
        "E-mail 1 - Label|E-mail 2 - Label|Phone 1 - Label|Phone 2 - Label|Phone 3 - Label|Organization Department|"
        "Address 1 - Label|Address 1 - Formatted|Address 1 - Street|Address 1 - PO Box|Address 1 - Postal Code|"
        "Address 1 - Country|Address 1 - Extended Address|Website 1 - Label",
    ),
    _preset(
        "google-contacts-before-2024",
        _GOOGLE,
        "contacts",
        "Name|Given Name|Family Name|E-mail 1 - Value|Group Membership",
        {
            "Name": "contact.name",
            "Organization 1 - Name": "name",
            "Organization 1 - Title": "contact.title",
            "E-mail 1 - Value": "email",
            "E-mail 2 - Value": "email2",
            "Phone 1 - Value": "phone",
            "Phone 2 - Value": "phone2",
            "Phone 3 - Value": "phone2",
            "Birthday": "contact.birthday",
            "Group Membership": "tags",
            "Notes": "new:long",
            "Address 1 - City": "city",
            "Address 1 - Region": "region",
            "Website 1 - Value": "new:url",
        },
        "Given Name|Additional Name|Family Name|Yomi Name|Given Name Yomi|Additional Name Yomi|Family Name Yomi|Name Prefix|"
        "Name Suffix|Initials|Nickname|Short Name|Maiden Name|Gender|Location|Billing Information|Directory Server|Mileage|"
        "Occupation|Hobby|Sensitivity|Priority|Subject|E-mail 1 - Type|E-mail 2 - Type|E-mail 3 - Type|E-mail 4 - Type|"
        "Phone 1 - Type|Phone 2 - Type|Phone 3 - Type|Address 1 - Type|Address 1 - Formatted|Address 1 - Street",
    ),
    _preset(
        "outlook-contacts",
        _OUTLOOK,
        "contacts",
        "First Name|Last Name|E-mail Address|Company|Job Title",
        {
            "First Name": "contact.given",
            "Last Name": "contact.family",
            "Company": "name",
            "Job Title": "contact.title",
            "E-mail Address": "email",
            "E-mail 2 Address": "email2",
            "E-mail 3 Address": "email2",
            "Mobile Phone": "phone",
            "Business Phone": "phone2",
            "Home Phone": "phone2",
            "Birthday": "contact.birthday",
            "Categories": "tags",
            "Notes": "new:long",
            "Web Page": "new:url",
            "Business City": "city",
            "Business State": "region",
        },
        "Title|Middle Name|Suffix|Department|Business Street|Business Postal Code|Business Country/Region|Home Street|"
        "Home City|Home State|Home Postal Code|Anniversary|Gender|Initials|Keywords|Language|Location|Priority|Private|"
        "Sensitivity|Spouse|E-mail Type|E-mail Display Name|Business Fax|Account",
        "mdy",
    ),
)  # fmt: skip


def preset_for(columns: Collection[str]) -> Preset | None:
    """Return the preset whose columns are all there, the one with the most of them."""
    known = {norm(column) for column in columns}
    fitting = [one for one in PRESETS if {norm(mark) for mark in one.marks} <= known]
    return max(fitting, key=lambda one: len(one.marks), default=None)


def preset_by_key(key: str) -> Preset | None:
    return next((one for one in PRESETS if one.key == key), None)

"""An impact assessment that fits how the program classifies, for the company to read, change and file."""

from __future__ import annotations

from zhike.core.text import Text

DRAFT = {
    "purpose": Text(
        "按成交、往来和意向给客户分类，用来安排谁跟进、多久联系一次。不用来定价，也不用来拒绝服务。",
        "Customers are classified by what they bought, by contacts and by intent, to decide who follows up and how "
        "often. Classes decide no price and refuse no service.",
    ),
    "necessity": Text(
        "销售顾不过来所有客户，要先联系最需要联系的。只读成交和往来，不读证件、健康这类敏感信息。",
        "Nobody can look after all customers at once. Only purchases and contacts are read, nothing sensitive such as "
        "documents or health.",
    ),
    "impact": Text(
        "分错了会联系得太多或者太少。类别只有公司里管得着的人看得到，不对外提供。",
        "A wrong class means too many or too few calls. Classes are seen by those in charge and handed to nobody.",
    ),
    "measures": Text(
        "规则公开，每个类别写着理由；客户可以要副本、更正、拒绝自动分类；人随时可以改；规则的修改有审计日志。"
        "不满十四周岁的人没有监护人的同意不判定。",
        "Rules are open and each class carries its reason; customers may have a copy, have it corrected and refuse; "
        "people may decide otherwise at any time; changes of rules are audited. Nobody under fourteen is classified "
        "without a guardian's consent.",
    ),
}

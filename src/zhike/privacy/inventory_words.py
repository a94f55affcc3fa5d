"""What columns that tell of people are for, and who sees them: the words of `inventory_table`, by key."""

from __future__ import annotations

from zhike.core.text import Text

PURPOSES = {
    "address_and": Text("称呼和查找", "To address and find"),
    "find_and": Text("查找和条件", "To find, and for conditions"),
    "sort": Text("排序", "To sort"),
    "search": Text("搜索", "Search"),
    "contact": Text("联系", "To contact"),
    "contact_on": Text("按日子联系，生日条件", "To contact on that day; conditions about birthdays"),
    "divide_the": Text("分工和条件", "To divide the work, and for conditions"),
    "conditions": Text("条件", "Conditions"),
    "for_the": Text("公司定", "For the company to say"),
    "how_contact": Text("怎么联系", "How to contact"),
    "source": Text("来源", "Source"),
    "contact_and": Text("联系和查找", "To contact and find"),
    "visit_and": Text("上门和寄送", "To visit and send"),
    "explanation": Text("说明", "Explanation"),
    "be_kept": Text("留存", "To be kept"),
    "address": Text("称呼", "To address"),
    "whom_contact": Text("联系谁", "Whom to contact"),
    "contact_on_2": Text("按日子联系", "To contact on that day"),
    "timeline_and": Text("时间线和指标", "Timeline and metrics"),
    "metrics": Text("指标", "Metrics"),
    "timeline": Text("时间线", "Timeline"),
    "give_classes": Text("判定类别", "To give classes"),
    "divide_the_2": Text("分工、跟进和服务", "To divide the work, follow up and serve"),
    "compare_with": Text("与人的决定对照", "To compare with what people decided"),
    "while_rules": Text("公布标准时，之后删除", "While rules are published; removed afterwards"),
    "be_put": Text("恢复时放回去", "To be put back"),
    "what_people": Text("人的决定优先", "What people decide comes first"),
    "improve_the": Text("改进标准", "To improve the rules"),
    "find_the": Text("找到视图", "To find the view"),
    "list_customers": Text("列出客户", "To list customers"),
    "proof": Text("证明", "Proof"),
    "deal_with": Text("办理请求", "To deal with requests"),
    "tell_whoever": Text("告诉负责人", "To tell whoever is responsible"),
    "changes_in": Text("批量修改、交接和导出", "Changes in bulk, hand-overs and exports"),
    "changes_in_2": Text("批量修改，30 天内撤销", "Changes in bulk; taken back within 30 days"),
    "take_back": Text("撤销", "To take back"),
    "see_whether": Text("看出后来有没有人改过", "To see whether somebody changed it since"),
    "import_kept": Text("导入记录", "Record of imports"),
    "import_known": Text("认出各列是什么", "To recognise what each column is"),
    "import_said": Text("结果和原因", "Result and reason"),
    "signature": Text("署名", "Signature"),
    "sign_in": Text("登录", "To sign in"),
    "security": Text("安全", "Security"),
    "security_people": Text("安全，离开的人", "Security; people who left"),
    "show_moments": Text("显示时刻", "To show moments"),
    "recognise_a": Text("本人认出不是自己的登录", "To recognise a sign-in that was not one's own"),
    "recognise_keys": Text("本人认出不用的密钥", "To recognise keys that are no longer used"),
    "invitations": Text("邀请", "Invitations"),
    "shut_out": Text("挡住猜密码的人", "To shut out who guesses passwords"),
}
SEEN_BY = {
    "sees": Text("看得到这位客户的人", "Whoever sees the customer"),
    "hidden": Text("不显示", "Not shown"),
    "no_phone": Text(
        "不显示；看不到电话的人也搜不到", "Not shown; whoever does not see telephone numbers does not find by them"
    ),
    "no_email": Text(
        "不显示；看不到邮箱的人也搜不到", "Not shown; whoever does not see e-mail addresses does not find by them"
    ),
    "same_number": Text(
        "看得到这位客户的人；同号的客户归别人看时只说有，不说是谁",
        "Whoever sees the customer; of another's customer with the same number only that there is one",
    ),
    "both": Text("两位都看得到的人", "Whoever sees both"),
    "business": Text("看得到这家客户的人", "Whoever sees the business"),
    "reasons": Text(
        "看得到这位客户的人；理由逐条可读，人可以改",
        "Whoever sees the customer; each reason can be read, and people can decide otherwise",
    ),
    "author": Text("建它的人；分享以后本组或所有人", "Whoever made it; once shared, the team or everybody"),
    "listed": Text(
        "建它的人；分享以后本组或所有人；列出的客户仍只有各人看得到的",
        "Whoever made it; once shared, the team or everybody; the customers listed are those that each of them sees",
    ),
    "recipient": Text("收到的人", "Whoever gets it"),
    "asker": Text("提出的人", "Whoever asked"),
    "importer": Text("导入的人", "Whoever imported it"),
    "importer_30": Text("导入的人，30 天后删除", "Whoever imported it; removed after 30 days"),
    "importer_forgets": Text(
        "导入的人，30 天后或有人被抹去时删除",
        "Whoever imported it; removed after 30 days, or once somebody in it is erased",
    ),
    "hidden_30": Text("不显示，30 天后删除", "Not shown; removed after 30 days"),
    "team": Text(
        "同组和管理员；署名处看得到客户的人；选同事时所有人",
        "The team and administrators; where it signs, whoever sees the customer; everybody when choosing a colleague",
    ),
    "nobody": Text("没有人", "Nobody"),
    "admins": Text("管理员", "Administrators"),
    "self": Text("本人", "Themselves"),
}

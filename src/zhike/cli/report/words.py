"""The words of the report."""

from __future__ import annotations

from zhike.core.text import Text

WORDS = {
    "title": Text("客户分类报告", "Customer classes"),
    "as_of": Text("截至 {day}", "as of {day}"),
    "pack": Text("分类包 {pack}", "pack {pack}"),
    "customers": Text("客户", "Customers"),
    "buyers": Text("近 365 天下过单", "Ordered in the last 365 days"),
    "revenue": Text("近 365 天成交额", "Revenue in the last 365 days"),
    "soon": Text("30 天内会变类别", "Change class within 30 days"),
    "soon_note": Text("如果没有新的事件", "if nothing else happens"),
    "rejected": Text("没有采用的行", "Rows not used"),
    "rows_read": Text("共读 {n} 行", "of {n} read"),
    "sizes": Text("各类别的客户", "Customers by class"),
    "scatter": Text("最近下单 × 成交额", "Last order × revenue"),
    "scatter_note_dots": Text("每点一位客户，颜色是{dimension}", "one dot a customer, coloured by {dimension}"),
    "scatter_note_grid": Text(
        "点的大小是客户数，颜色是{dimension}", "the size is the number of customers, the colour {dimension}"
    ),
    "x_axis": Text("距上次下单（天）→", "days since the last order →"),
    "y_axis": Text("近 365 天成交额", "revenue, last 365 days"),
    "rfm": Text("RFM 分布", "RFM"),
    "rfm_note": Text("距上次下单 × 近 365 天下单次数", "days since the last order × orders in the last 365 days"),
    "recency": Text("距上次下单", "Last order"),
    "by_class": Text("各类别的价值", "Value by class"),
    "class": Text("类别", "Class"),
    "share": Text("占比", "Share"),
    "average": Text("人均", "Per customer"),
    "orders_each": Text("人均订单", "Orders each"),
    "median_days": Text("距上次下单（中位）", "Days since order (median)"),
    "within": Text("{n} 天内变", "in {n} days"),
    "moves": Text("时间会带走的", "What time will move"),
    "crossing": Text("类别 × 类别", "Class × class"),
    "crossing_note": Text("同一位客户在两个维度里", "the same customer in two dimensions"),
    "quality": Text("数据质量", "Data quality"),
    "quality_fine": Text("没有需要留意的地方", "nothing to note"),
    "reason": Text("原因", "Reason"),
    "file": Text("文件", "File"),
    "rows": Text("行数", "Rows"),
    "line": Text("行", "Line"),
    "row": Text("内容", "Row"),
    "examples": Text("前 {n} 行，全部在 .rejected.csv", "the first {n}; all are in .rejected.csv"),
    "made": Text("由知客生成，这一页不含任何外部资源", "Made by Zhike; this page loads nothing from elsewhere"),
    "times": Text("{n} 次", "{n}"),
    "days": Text("{n} 天", "{n} days"),
    "total": Text("合计", "Total"),
    "undated": Text("没有下过单的客户不在图中：{n}", "customers without an order are not drawn: {n}"),
}

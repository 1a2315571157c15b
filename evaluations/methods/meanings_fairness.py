"""What the metrics of fairness.group mean."""

from __future__ import annotations

from evaluations.methods.frame import Direction, Meaning, Text

_SHARE = Text("share of the people named, from 0 to 1", "所列人群中的比例，取值 0 至 1")
_SOURCE = Text(
    "Hardt, Price and Srebro, NeurIPS 2016; ISO/IEC TR 24027:2021; intervals of Newcombe (1998)",
    "Hardt、Price 与 Srebro，NeurIPS 2016；ISO/IEC TR 24027:2021；区间采用 Newcombe（1998）",
)
_ONE_GROUP = Text(
    "Unfairness by itself: groups may differ for reasons outside the system, and a label may carry the bias of those "
    "who "
    "gave it.",
    "仅凭此数不能认定不公平：群体差异可能有系统之外的原因，标签也可能带有标注者的偏差。",
)


def _rate(name: str, title: Text, says: Text, direction: Direction = "higher") -> Meaning:
    return Meaning(name, title, _SHARE, direction, says, _ONE_GROUP, _SOURCE)


FAIRNESS = (
    Meaning(
        name="difference",
        title=Text("Difference between a group and all others", "某群体与其余所有人的差异"),
        unit=Text("difference of two shares; 0.10 is ten percentage points", "两个比例之差；0.10 即十个百分点"),
        direction="lower",
        says=Text(
            "How far the rate that matters in this case (named in the notes) of one group lies from that of everybody "
            "else. The bound holds for all groups at once.",
            "某一群体在本案所关注的比率（见说明）与其余所有人相差多少。置信界对所有群体同时成立。",
        ),
        silent=Text(
            "Why the groups differ, whether the labels are just, and how single persons are treated. Small differences "
            "in several attributes can add up for people who share them.",
            "群体差异的原因、标签本身是否公正，以及个人受到的对待。多个属性上的小差异可能在同一人身上叠加。",
        ),
        source=_SOURCE,
    ),
    Meaning(
        name="ratio",
        title=Text("Ratio of favourable outcomes", "有利结果之比"),
        unit=Text("the lower share divided by the higher one, 1 is equal", "较低比例除以较高比例，1 表示相等"),
        direction="higher",
        says=Text(
            "The share of favourable outcomes of a group against that of everybody else. Below 0.8 the four-fifths "
            "rule "
            "calls for an explanation.",
            "某群体获得有利结果的比例与其余所有人之比。低于 0.8 时，按“五分之四规则”需要作出解释。",
        ),
        silent=Text(
            "Discrimination in the legal sense, in either direction. With rare outcomes the ratio swings widely, and "
            "is "
            "then not scored.",
            "法律意义上的歧视与否。有利结果罕见时该比值波动很大，此时不计分。",
        ),
        source=Text(
            "29 CFR 1607.4(D); interval of the logarithm by Katz et al. (1978)",
            "29 CFR 1607.4(D)；对数区间采用 Katz 等（1978）",
        ),
    ),
    Meaning(
        name="share_too_few",
        title=Text("People in groups too small to judge", "因群体过小而无法判断的人群比例"),
        unit=Text("share of the population served, from 0 to 1", "服务人群中的比例，取值 0 至 1"),
        direction="lower",
        says=Text(
            "How many of the people whom the system serves belong to groups of which the test data hold too few to say "
            "anything. Above 5 % fairness is not demonstrated.",
            "系统所服务的人群中，有多少人所在群体在测试数据里样本过少、无法判断。超过 5% 时公平性视为未能证实。",
        ),
        silent=Text(
            "That these people are treated worse, or that they are not: nothing is known of them.",
            "这些人是否受到较差对待：对此一无所知。",
        ),
        source=Text(
            "The scheme’s rule: 100 people in a group, 30 in the denominator",
            "方案规则：每群体至少 100 人，分母至少 30 人",
        ),
    ),
    _rate(
        "selection_rate",
        Text("Selection rate", "选择率"),
        Text(
            "Of all people of the group, the share that gets the favourable answer (demographic parity compares it).",
            "该群体全体成员中获得有利回答的比例（人口均等即比较此值）。",
        ),
    ),
    _rate(
        "true_positive_rate",
        Text("True positive rate", "真阳性率"),
        Text(
            "Of those of the group who are positive by their label, the share that the system calls positive (equal "
            "opportunity compares it).",
            "该群体中标签为阳性的人里，被系统判为阳性的比例（机会均等即比较此值）。",
        ),
    ),
    _rate(
        "false_positive_rate",
        Text("False positive rate", "假阳性率"),
        Text(
            "Of those of the group who are negative by their label, the share that the system wrongly calls positive.",
            "该群体中标签为阴性的人里，被系统误判为阳性的比例。",
        ),
        "lower",
    ),
    _rate(
        "false_negative_rate",
        Text("False negative rate", "假阴性率"),
        Text(
            "Of those of the group who are positive by their label, the share that the system misses.",
            "该群体中标签为阳性的人里，被系统漏判的比例。",
        ),
        "lower",
    ),
    _rate(
        "positive_predictive_value",
        Text("Positive predictive value", "阳性预测值"),
        Text(
            "Of those of the group whom the system calls positive, the share that is positive by the label.",
            "该群体中被系统判为阳性的人里，标签确为阳性的比例。",
        ),
    ),
    _rate(
        "accuracy",
        Text("Accuracy in the group", "群体内准确率"),
        Text(
            "Of all people of the group, the share that gets the right answer.", "该群体全体成员中得到正确回答的比例。"
        ),
    ),
)

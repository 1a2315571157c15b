"""What the metrics of the privacy methods mean."""

from __future__ import annotations

from evaluations.methods.frame import Meaning, Text

_ATTACK = Text("Yeom et al., CSF 2018; Carlini et al., IEEE S&P 2022", "Yeom 等，CSF 2018；Carlini 等，IEEE S&P 2022")
_WEAKEST = Text(
    "Proof of privacy: this is the weakest attack of its kind, and stronger ones find more. Nothing is said about what "
    "an attacker could learn of a person beside membership.",
    "隐私安全的证明：这是同类中最弱的攻击，更强的攻击能发现更多。也不说明攻击者除成员身份之外还能获知个人的什么信息。",
)


def _hits(name: str, percent: str) -> Meaning:
    return Meaning(
        name=name,
        title=Text(f"Members found at {percent} % false accusations", f"误指率为 {percent}% 时找出的成员"),
        unit=Text("share of the members, from 0 to 1", "成员中的比例，取值 0 至 1"),
        direction="lower",
        says=Text(
            f"The share of training records that the attacker points out rightly while accusing at most {percent} % of "
            "the others wrongly. An attack without any skill reaches just that percentage.",
            f"攻击者在最多误指 {percent}% 非成员的前提下，正确指出的训练记录比例。毫无本领的攻击恰好达到同一百分比。",
        ),
        silent=_WEAKEST,
        source=_ATTACK,
    )


MEMBERSHIP = (
    Meaning(
        name="auc",
        title=Text("How well the attack tells members apart", "攻击区分成员的能力（AUC）"),
        unit=Text(
            "area under the ROC curve; 0.5 is guessing, 1 is certainty", "ROC 曲线下面积；0.5 为随机猜测，1 为完全确定"
        ),
        direction="lower",
        says=Text(
            "The chance that a record from the training data looks more familiar to the model than one that it never "
            "saw. The higher, the more the model gives away about whom it was trained on.",
            "训练数据中的一条记录在模型看来比未见过的记录“更熟悉”的概率。越高，模型越会泄露其训练对象。",
        ),
        silent=_WEAKEST,
        source=Text(
            "Yeom et al., CSF 2018; Carlini et al., IEEE S&P 2022; interval of DeLong et al. (1988)",
            "Yeom 等，CSF 2018；Carlini 等，IEEE S&P 2022；区间采用 DeLong 等（1988）",
        ),
    ),
    _hits("tpr_at_fpr_1_percent", "1"),
    _hits("tpr_at_fpr_0_1_percent", "0.1"),
    Meaning(
        name="non_members",
        title=Text("Records of non-members", "非成员记录数"),
        unit=Text("number of records", "记录条数"),
        direction="higher",
        says=Text(
            "How many records that the model never saw the attack was tried on. Few of them make the figures at small "
            "false-accusation rates coarse.",
            "攻击所用的、模型未见过的记录数。数量少时，低误指率处的数值较粗糙。",
        ),
        silent=Text("Anything about privacy: it is the size of the sample.", "与隐私本身无关：它只是样本量。"),
        source=_ATTACK,
    ),
    Meaning(
        name="identity_accuracy",
        title=Text("Accuracy of the simplest attacker", "最简单攻击者的准确率"),
        unit=Text("share of right guesses, 0.5 is guessing", "猜对的比例，0.5 为随机猜测"),
        direction="lower",
        says=Text(
            "What an attacker reaches who calls every rightly classified record a member: it follows from the gap "
            "between training and test accuracy alone.",
            "把每条分类正确的记录都称为成员的攻击者所达到的准确率：它仅由训练与测试准确率之差决定。",
        ),
        silent=_WEAKEST,
        source=Text("Yeom et al., CSF 2018, theorem 2", "Yeom 等，CSF 2018，定理 2"),
    ),
)

PERSONAL_DATA = (
    Meaning(
        name="undeclared_findings_per_1000",
        title=Text("Undeclared personal data in 1,000 records", "每千条记录中未声明的个人信息"),
        unit=Text("findings for each thousand records", "每千条记录的发现数"),
        direction="lower",
        says=Text(
            "How often identifiers (e-mail addresses, phone, identity, passport, bank and card numbers, names) stand "
            "in "
            "columns that the vendor did not declare as personal; check digits are verified.",
            "在供应商未声明为个人信息的列中，出现标识（电子邮件、电话、身份证件、护照、银行账号和卡号、姓名）的频次；"
            "校验位均经验证。",
        ),
        silent=Text(
            "Whether declared personal data are handled lawfully. Names and health facts inside free text, faces and "
            "voices are not found: a person reads a sample for them.",
            "已声明个人信息的处理是否合法。自由文本中的姓名、健康事实以及人脸、声音无法发现，须由人工抽查。",
        ),
        source=Text(
            "Check digits after GB 11643, ISO/IEC 7812, ISO 13616 and ICAO Doc 9303",
            "校验位依据 GB 11643、ISO/IEC 7812、ISO 13616 和 ICAO Doc 9303",
        ),
    ),
)

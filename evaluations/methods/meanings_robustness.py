"""What the metrics of the robustness methods mean."""

from __future__ import annotations

from evaluations.methods.frame import Meaning, Text

_KEPT = Text(
    "share of the performance above guessing, 1 is all of it", "高于随机水平的性能所保留的比例，1 表示全部保留"
)
_STANDING = Text("share of the attacked samples, from 0 to 1", "受攻击样本中的比例，取值 0 至 1")
_CORRUPTION = Text(
    "After Hendrycks and Dietterich, ICLR 2019; ISO/IEC TR 24029-1:2021",
    "参照 Hendrycks 与 Dietterich，ICLR 2019；ISO/IEC TR 24029-1:2021",
)

CORRUPTION = (
    Meaning(
        name="retention",
        title=Text("Performance kept under corruption", "扰动下保留的性能"),
        unit=_KEPT,
        direction="higher",
        says=Text(
            "Of what the system does better than guessing on clean inputs, the share that remains on average over all "
            "families of corruption and five severities.",
            "系统在干净输入上优于随机猜测的部分，在全部扰动类别和五级强度上平均还能保留多少。",
        ),
        silent=Text(
            "How likely such inputs are in use, and the behaviour under corruption that is not in the list. A good "
            "average may hide one family that fails: see the worst family and the grid.",
            "实际使用中出现此类输入的可能性，以及清单之外的扰动。平均值良好也可能掩盖某一类扰动完全失效："
            "请看最差类别和网格图。",
        ),
        source=_CORRUPTION,
    ),
    Meaning(
        name="worst_family_retention_severity_3",
        title=Text("Worst family at severity 3", "强度 3 下最差类别"),
        unit=_KEPT,
        direction="higher",
        says=Text(
            "The same share for the one family of corruption that harms most, at middle severity. It caps the score, "
            "so "
            "that one weak spot is not averaged away.",
            "在中等强度下，影响最大的那一类扰动对应的保留比例。它限制总分，避免某一弱点被平均掉。",
        ),
        silent=Text(
            "The behaviour at severities 4 and 5, and whether the family named is the one that matters in your use.",
            "强度 4 和 5 下的表现，以及该类别是否正是您的使用场景所关心的。",
        ),
        source=_CORRUPTION,
    ),
    Meaning(
        name="family_retention",
        title=Text("Performance kept, by family", "各类别保留的性能"),
        unit=_KEPT,
        direction="higher",
        says=Text(
            "The share kept under one family of corruption (noise, blur, missing values and the like), averaged over "
            "its five severities.",
            "某一类扰动（噪声、模糊、缺失值等）下五级强度平均的保留比例。",
        ),
        silent=Text(
            "A comparison between families: their severities are not equally strong.",
            "类别之间的优劣：各类别的强度并不等价。",
        ),
        source=_CORRUPTION,
    ),
)


def _under_attack(attack: Text, silent: Text, source: Text) -> tuple[Meaning, ...]:
    """The two metrics that every attack gives back."""
    return (
        Meaning(
            name="robust_accuracy_primary",
            title=Text("Correct under attack, of those correct before", "攻击后仍正确的比例（以攻击前正确者为准）"),
            unit=_STANDING,
            direction="higher",
            says=Text(
                f"Of the samples that the system classified correctly, the share that stays correct when {attack.en} "
                "at the perturbation size that the scheme scores.",
                f"在系统原本分类正确的样本中，{attack.zh}且扰动大小为方案所计分的取值时，仍保持正确的比例。",
            ),
            silent=silent,
            source=source,
        ),
        Meaning(
            name="robust_accuracy",
            title=Text("Correct under attack, point of the curve", "攻击下仍正确的比例（曲线上的点）"),
            unit=_STANDING,
            direction="higher",
            says=Text(
                "The same share at the perturbation size, attack or number of queries named beside it, when "
                f"{attack.en}.",
                f"在旁边所列的扰动大小、攻击或查询次数下，{attack.zh}时的同一比例。",
            ),
            silent=Text(
                "A score: single points show how the figure falls; only the primary one is held against the "
                "thresholds.",
                "得分：各点只显示数值如何下降，只有主要取值与阈值比较。",
            ),
            source=source,
        ),
    )


FGSM = _under_attack(
    Text("each is perturbed by one step along the sign of the gradient", "沿梯度符号方向施加一步扰动"),
    Text(
        "Protection against stronger attacks: FGSM is the weakest of the gradient attacks, and a high value alone is "
        "no sign of robustness. Accuracy on clean data is not in this figure.",
        "对更强攻击的防护：FGSM 是最弱的梯度攻击，仅此数值高并不代表鲁棒。此数值不含干净数据上的准确率。",
    ),
    Text("Goodfellow, Shlens and Szegedy, ICLR 2015", "Goodfellow、Shlens 与 Szegedy，ICLR 2015"),
)

PGD = _under_attack(
    Text(
        "the worst of four attacks is counted (FGSM, PGD with two losses, Square)",
        "取四种攻击（FGSM、两种损失的 PGD、Square）中最坏的结果",
    ),
    Text(
        "A proof: the true robustness may be lower, as a better attack may exist. Nothing is said about changes that a "
        "person would notice, or about other kinds of perturbation.",
        "证明：可能存在更强的攻击，真实鲁棒性可能更低。也不说明人可察觉的改动或其他类型的扰动。",
    ),
    Text(
        "Madry et al., ICLR 2018; Croce and Hein, ICML 2020; Andriushchenko et al., ECCV 2020",
        "Madry 等，ICLR 2018；Croce 与 Hein，ICML 2020；Andriushchenko 等，ECCV 2020",
    ),
)

BLACKBOX = _under_attack(
    Text(
        "an attacker who sees only the model’s scores may ask it a limited number of times",
        "攻击者只能看到模型得分且查询次数有限",
    ),
    Text(
        "Protection against an attacker who knows the model or asks more often, or whether queries in use are limited "
        "at all. It is an upper bound of robustness, no proof.",
        "对了解模型或查询更多次的攻击者的防护，以及实际使用中是否限制查询。它是鲁棒性的上界，不是证明。",
    ),
    Text("Square attack: Andriushchenko et al., ECCV 2020", "Square 攻击：Andriushchenko 等，ECCV 2020"),
)

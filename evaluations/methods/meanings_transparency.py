"""What the metrics of explanation, reproducibility and provenance mean."""

from __future__ import annotations

from evaluations.methods.frame import Meaning, Text

_LIME = Text("Ribeiro, Singh and Guestrin, KDD 2016", "Ribeiro、Singh 与 Guestrin，KDD 2016")
_REPEATED = Text(
    "Repeated runs over numbers of threads and batch sizes, as the method describes",
    "按方法说明，在不同线程数和批大小下重复运行",
)
_NOT_TRUE = Text(
    "That the answers are right: a system can repeat a wrong answer exactly. Other machines and other versions of the "
    "runtime are not covered.",
    "回答是否正确：系统可以精确地重复错误答案。也不涵盖其他机器和其他版本的运行环境。",
)

EXPLANATION = (
    Meaning(
        name="fidelity_r2",
        title=Text("Fidelity of the local explanation (R²)", "局部解释的忠实度（R²）"),
        unit=Text("share of the variation explained, 1 is all of it", "所解释的变异比例，1 表示全部"),
        direction="higher",
        says=Text(
            "How well a simple linear model around an instance predicts what the system answers to its neighbours, on "
            "neighbours that it was not fitted on; the median over the instances.",
            "在某实例附近，简单线性模型对系统在（未参与拟合的）邻近样本上的回答预测得有多好；取各实例的中位数。",
        ),
        silent=Text(
            "That people understand the explanation, or that the reasons shown are good reasons. It holds near the "
            "instance, not for the system as a whole.",
            "人能否理解该解释，或所示理由是否合理。它只在实例附近成立，不代表整个系统。",
        ),
        source=_LIME,
    ),
    Meaning(
        name="deletion_better_share",
        title=Text("Explanations that beat a random order", "优于随机顺序的解释"),
        unit=Text("share of the explained instances, from 0 to 1", "所解释实例中的比例，取值 0 至 1"),
        direction="higher",
        says=Text(
            "In how many instances taking features away in the order of the explanation lowers the system’s answer "
            "faster than random orders do: the features named do matter.",
            "在多少实例中，按解释给出的顺序去掉特征比随机顺序更快降低系统的回答：即所列特征确实起作用。",
        ),
        silent=Text(
            "How large the effect is, and that no other features matter. Inputs with features taken away may be unlike "
            "any real one.",
            "影响有多大，以及其他特征是否无关。去掉特征后的输入可能与任何真实输入都不同。",
        ),
        source=Text("Petsiuk, Das and Saenko, BMVC 2018", "Petsiuk、Das 与 Saenko，BMVC 2018"),
    ),
    Meaning(
        name="stability_jaccard",
        title=Text("Agreement of explanations over seeds", "不同种子下解释的一致性"),
        unit=Text("Jaccard index of the leading features, from 0 to 1", "主要特征的 Jaccard 指数，取值 0 至 1"),
        direction="higher",
        says=Text(
            "How far explanations of the same answer name the same leading features when only the random seed changes.",
            "仅改变随机种子时，对同一回答的解释在多大程度上指出相同的主要特征。",
        ),
        silent=Text(
            "That the explanation is right: a wrong one may be stable. By chance alone some agreement is expected; the "
            "notes say how much.",
            "解释是否正确：错误的解释也可能稳定。随机情况下也会有一定的一致性，说明中给出其数值。",
        ),
        source=_LIME,
    ),
    Meaning(
        name="without_local_variance",
        title=Text("Instances with nothing to explain", "没有可解释内容的实例"),
        unit=Text("share of the instances, from 0 to 1", "实例中的比例，取值 0 至 1"),
        direction="lower",
        says=Text(
            "In how many instances the system’s answer does not change at all near the input, so that no feature can "
            "be "
            "credited with it.",
            "在多少实例中，系统的回答在输入附近毫无变化，因而无法归因于任何特征。",
        ),
        silent=Text(
            "A fault: a saturated, very certain model does this too.",
            "故障：饱和且非常确定的模型也会如此。",
        ),
        source=_LIME,
    ),
)

REPRODUCIBILITY = (
    Meaning(
        name="byte_identical",
        title=Text("Outputs identical to the byte", "输出逐字节一致"),
        unit=Text("1 yes, 0 no", "1 是，0 否"),
        direction="higher",
        says=Text(
            "Whether every repetition, with every number of threads and batch size, gave exactly the same bytes.",
            "在各种线程数和批大小下，每次重复是否都给出完全相同的字节。",
        ),
        silent=_NOT_TRUE,
        source=_REPEATED,
    ),
    Meaning(
        name="flip_rate",
        title=Text("Decisions that flip between repeats", "重复之间翻转的决定"),
        unit=Text("share of the inputs, from 0 to 1", "输入中的比例，取值 0 至 1"),
        direction="lower",
        says=Text(
            "The share of inputs that get another decision in at least one repetition; ties between the two best "
            "answers "
            "are left out.",
            "至少在一次重复中得到不同决定的输入比例；两个最佳回答不分上下的输入不计。",
        ),
        silent=_NOT_TRUE,
        source=_REPEATED,
    ),
    Meaning(
        name="max_relative_difference",
        title=Text("Largest difference, relative to the range", "相对于取值范围的最大差异"),
        unit=Text("share of the range of the outputs", "占输出取值范围的比例"),
        direction="lower",
        says=Text(
            "The largest gap between two repetitions of any output, as a share of the range of all outputs. Rounding "
            "in "
            "another order gives about one millionth.",
            "任一输出在两次重复之间的最大差距，占全部输出范围的比例。仅因计算顺序不同的舍入约为百万分之一。",
        ),
        silent=_NOT_TRUE,
        source=_REPEATED,
    ),
    Meaning(
        name="ties",
        title=Text("Inputs with two equally good answers", "两个回答不分上下的输入"),
        unit=Text("share of the inputs, from 0 to 1", "输入中的比例，取值 0 至 1"),
        direction="lower",
        says=Text(
            "How many inputs have two best answers of practically the same score: a flip there says nothing about "
            "the model.",
            "有多少输入的两个最佳回答得分几乎相同：这些输入上的翻转不能说明模型的问题。",
        ),
        silent=_NOT_TRUE,
        source=_REPEATED,
    ),
)

PROVENANCE = (
    Meaning(
        name="digests_match",
        title=Text("Files whose digest is the recorded one", "摘要与记录一致的文件"),
        unit=Text("share of the files, 1 is all of them", "文件中的比例，1 表示全部"),
        direction="higher",
        says=Text(
            "How many of the delivered files are, byte for byte, those of the delivery record.",
            "交付的文件中有多少与交付记录逐字节一致。",
        ),
        silent=Text(
            "Where the files came from before the record was made, or that their content is good.",
            "记录形成之前文件的来源，以及文件内容的好坏。",
        ),
        source=Text("SHA-256 (FIPS 180-4)", "SHA-256（FIPS 180-4）"),
    ),
    Meaning(
        name="signature_valid",
        title=Text("Signature of the record is valid", "记录的签名有效"),
        unit=Text("1 yes, 0 no or not signed", "1 是，0 否或未签名"),
        direction="higher",
        says=Text(
            "Whether the record is signed and has not changed by one character since.",
            "记录是否已签名，且此后未改动任何字符。",
        ),
        silent=Text(
            "Whose key it is: compare the key’s fingerprint with one that the vendor gave by another way.",
            "密钥属于谁：请将指纹与供应商通过其他途径提供的指纹核对。",
        ),
        source=Text("Ed25519 (RFC 8032)", "Ed25519（RFC 8032）"),
    ),
)

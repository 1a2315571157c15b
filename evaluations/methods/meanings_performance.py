"""What the metrics of performance.claim mean."""

from __future__ import annotations

from evaluations.methods.frame import Meaning, Text

PERFORMANCE = (
    Meaning(
        name="claim_difference",
        title=Text("Measured minus claimed", "实测值减声明值"),
        unit=Text(
            "points of the claimed measure (0.01 is one percentage point); for an error, its share of the claimed "
            "error",
            "所声明指标的分值（0.01 即一个百分点）；对误差类指标，为占声明误差的比例",
        ),
        direction="higher",
        says=Text(
            "How far the system stays above (positive) or below (negative) what its vendor claims, on test data drawn "
            "for this evaluation. 0 means that the claim is reached exactly.",
            "在本次评估的测试数据上，系统比供应商的声明高出（正值）或低于（负值）多少。0 表示恰好达到声明。",
        ),
        silent=Text(
            "Whether the claimed value is enough for the intended use; how the system performs on other populations or "
            "later; whether it was tuned on these data.",
            "声明值本身是否满足预期用途；系统在其他人群或以后的表现；系统是否针对这些数据做过调优。",
        ),
        source=Text(
            "ISO/IEC TS 4213:2022; intervals of Wilson (1927), DeLong et al. (1988) and Efron’s BCa bootstrap (1987)",
            "ISO/IEC TS 4213:2022；区间采用 Wilson（1927）、DeLong 等（1988）以及 Efron 的 BCa 自助法（1987）",
        ),
    ),
    Meaning(
        name="performance",
        title=Text("Measured performance", "实测性能"),
        unit=Text("that of the measure named beside it", "与旁边所列指标相同"),
        direction="higher",
        says=Text(
            "The claimed measure itself, computed anew on the test data: accuracy, F1, AUC and the like as a share of "
            "1, an error in the unit of the target (there lower is better).",
            "在测试数据上重新计算的所声明指标：准确率、F1、AUC 等以 1 为满分，"
            "误差类以目标量的单位表示（此时越低越好）。",
        ),
        silent=Text(
            "How the errors are spread over groups or classes, and what an error costs: one figure may hide a class "
            "that always fails.",
            "错误在群体或类别之间如何分布，以及一次错误的代价：一个数值可能掩盖总是出错的类别。",
        ),
        source=Text("ISO/IEC TS 4213:2022", "ISO/IEC TS 4213:2022"),
    ),
    Meaning(
        name="no_information_rate",
        title=Text("No-information rate", "无信息率"),
        unit=Text("that of the measure named beside it", "与旁边所列指标相同"),
        direction="higher",
        says=Text(
            "What the best answer that never looks at its input would reach on the same data. Performance has a "
            "meaning only above it.",
            "完全不看输入、只给固定回答的最佳预测器在同一数据上能达到的水平。只有高于它，性能才有意义。",
        ),
        silent=Text(
            "Anything about the system itself: it describes the labels of the test data.",
            "与系统本身无关：它描述的是测试数据的标签。",
        ),
        source=Text(
            "Kuhn and Johnson, Applied Predictive Modeling (2013), 11.2",
            "Kuhn 与 Johnson，《应用预测建模》（2013），11.2",
        ),
    ),
)

"""What the metrics of data.quality mean."""

from __future__ import annotations

from evaluations.methods.frame import Meaning, Text

_RECORDS = Text("share of the records, from 0 to 1", "记录中的比例，取值 0 至 1")
_QUALITY = Text("ISO/IEC 5259-2:2024", "ISO/IEC 5259-2:2024")

DATA_QUALITY = (
    Meaning(
        name="test_rows_in_training",
        title=Text("Test records found in the training data", "在训练数据中出现的测试记录"),
        unit=Text("share of the test records, from 0 to 1", "测试记录中的比例，取值 0 至 1"),
        direction="lower",
        says=Text(
            "How many test records the system may have learnt by heart, because an equal and distinctive record stands "
            "in the training sample. They make every performance figure too good.",
            "有多少测试记录可能已被系统记住，因为训练样本中存在相同且足以识别的记录。它们会使各项性能数值偏高。",
        ),
        silent=Text(
            "Near-duplicates that differ in a single value, and records of the same person or scene.",
            "仅有一个值不同的近似重复，以及同一人或同一场景的记录。",
        ),
        source=_QUALITY,
    ),
    Meaning(
        name="label_error_rate",
        title=Text("Labels that are probably wrong", "可能有误的标签"),
        unit=_RECORDS,
        direction="lower",
        says=Text(
            "How many labels two different classifiers both doubt and would replace by the same other one; a recheck "
            "by "
            "people corrects the figure.",
            "有多少标签同时被两个不同的分类器质疑，并一致认为应为另一标签；人工复核会修正该数值。",
        ),
        silent=Text(
            "Wrong labels where classes overlap: most of them stay unseen. A doubted label may be right.",
            "类别重叠处的错误标签：其中多数无法发现。被质疑的标签也可能是正确的。",
        ),
        source=Text(
            "Northcutt, Jiang and Chuang, JAIR 70:1373, 2021; ISO/IEC 5259-2:2024",
            "Northcutt、Jiang 与 Chuang，JAIR 70:1373，2021；ISO/IEC 5259-2:2024",
        ),
    ),
    Meaning(
        name="undeclared_missing_rate",
        title=Text("Missing values that were not declared", "未声明的缺失值"),
        unit=Text("share of the records, of the column with the most gaps", "缺失最多的列中的记录比例"),
        direction="lower",
        says=Text(
            "In the column with the most gaps among those that should have none, the share of records without a value.",
            "在本不应有缺失的列中，缺失最多的一列里没有值的记录比例。",
        ),
        silent=Text(
            "Gaps hidden behind a value such as 0 or 999, and why values are missing.",
            "以 0 或 999 等值掩盖的缺失，以及缺失的原因。",
        ),
        source=_QUALITY,
    ),
    Meaning(
        name="out_of_domain_rate",
        title=Text("Records out of the declared domain", "超出声明取值范围的记录"),
        unit=_RECORDS,
        direction="lower",
        says=Text(
            "How many records hold at least one value outside the range or list that the vendor declared.",
            "有多少记录至少有一个值超出供应商声明的范围或清单。",
        ),
        silent=Text(
            "Values that are within the domain and still wrong; columns without a declared domain are not judged.",
            "在取值范围之内但仍然错误的值；未声明取值范围的列不作判断。",
        ),
        source=_QUALITY,
    ),
    Meaning(
        name="conflicting_duplicate_rate",
        title=Text("Equal records with different labels", "记录相同而标签不同"),
        unit=_RECORDS,
        direction="lower",
        says=Text(
            "How many records have a twin with the same inputs and another label: at least one of the two is wrong, or "
            "the inputs do not suffice.",
            "有多少记录存在输入相同而标签不同的“孪生”记录：其中至少一个有误，或者输入不足以区分。",
        ),
        silent=Text("Which of the two is wrong.", "两者之中哪一个有误。"),
        source=_QUALITY,
    ),
)

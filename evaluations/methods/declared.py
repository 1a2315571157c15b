"""Every method that the portal's own standards may name, built or still to be built.

A method is *declared* (a standard may name it) or also *installed* (it can run). A declared method that is not
installed has a title and an empty parameter schema; its criterion is then examined by a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evaluations.methods.frame import Text
from evaluations.methods.parameters import json_schema


@dataclass(frozen=True)
class Declaration:
    """A method's name in a standard. `parameters` is the JSON Schema of its parameters.

    `tool` marks what helps a vendor outside a case and is never scored.
    """

    id: str
    title: Text
    characteristic: str
    parameters: dict[str, Any] = field(default_factory=lambda: json_schema(()))
    tool: bool = False


_TITLES: dict[str, dict[str, tuple[str, str]]] = {
    "RC": {
        "performance.claim": ("Performance against the claim", "性能声明验证"),
        "performance.generalisation": ("Generalisation gap", "泛化差距"),
        "robustness.corruption": ("Robustness to natural corruption", "自然扰动鲁棒性"),
        "robustness.fgsm": ("Robustness to the fast gradient sign method", "快速梯度符号法鲁棒性"),
        "robustness.pgd": ("Robustness to projected gradient descent", "投影梯度下降法鲁棒性"),
        "robustness.cw": ("Robustness to the Carlini–Wagner attack", "Carlini-Wagner 攻击鲁棒性"),
        "robustness.blackbox": ("Robustness to query-based attack", "基于查询的黑盒攻击鲁棒性"),
        "robustness.malformed": ("Handling of malformed input", "畸形输入处理"),
        "robustness.patch": ("Robustness to patches and presentation", "补丁与呈现攻击鲁棒性"),
        "poisoning.detect": ("Indicators of training-data poisoning", "训练数据投毒指标"),
        "backdoor.scan": ("Indicators of a backdoor", "后门指标"),
        "anomaly.detect": ("Detection of anomalous input", "异常输入检测"),
        "endpoint.load": ("Availability under load", "负载下的可用性"),
        "endpoint.rate_limit": ("Query limit of an endpoint", "端点查询频次限制"),
        "llm.jailbreak": ("Resistance to jailbreak prompts", "抗越狱提示能力"),
        "llm.refusal": ("Refusal of harmful requests", "有害请求拒答"),
        "llm.prompt_injection": ("Resistance to prompt injection", "抗提示注入能力"),
        "llm.consistency": ("Consistency under paraphrase", "改写下的一致性"),
        "llm.hallucination": ("Faithfulness to given facts", "对给定事实的忠实性"),
    },
    "TE": {
        "reproducibility.inference": ("Reproducibility of inference", "推理可复现性"),
        "reproducibility.training": ("Reproducibility of training", "训练可复现性"),
        "explanation.lime": ("Fidelity of local explanations (LIME)", "局部解释忠实性（LIME）"),
        "explanation.gradcam": ("Fidelity of saliency maps (Grad-CAM)", "显著图忠实性（Grad-CAM）"),
        "explanation.influence": ("Influence of training samples", "训练样本影响分析"),
        "explanation.intermediate": ("Intermediate states", "中间状态可视化"),
        "explanation.stability": ("Stability of explanations", "解释稳定性"),
        "traceability.manifest": ("Completeness of the development record", "研制记录完整性"),
        "disclosure.identity": ("Disclosure of being an AI system", "人工智能身份告知"),
    },
    "DP": {
        "privacy.membership": ("Membership inference", "成员推断"),
        "privacy.inversion": ("Model inversion", "模型反演"),
        "privacy.attribute": ("Attribute inference", "属性推断"),
        "privacy.reidentification": ("Risk of re-identification", "重识别风险"),
        "privacy.dp": ("Differential privacy", "差分隐私"),
        "privacy.federated": ("Leakage of federated updates", "联邦更新泄露"),
        "privacy.pii": ("Undeclared personal information", "未声明的个人信息"),
        "llm.pii_leakage": ("Leakage of personal information by a language model", "语言模型个人信息泄露"),
    },
    "CR": {
        "traceability.provenance": ("Delivery agrees with the record", "交付物与记录一致"),
        "traceability.bom": ("Machine-learning bill of materials", "机器学习物料清单"),
        "traceability.logs": ("Traceability of decision logs", "决策日志可追溯"),
    },
    "DI": {
        "fairness.group": ("Fairness between groups", "群体公平性"),
        "fairness.individual": ("Fairness between individuals", "个体公平性"),
        "fairness.renyi": ("Maximal correlation with sensitive attributes", "与敏感属性的最大相关"),
        "fairness.multiaccuracy": ("Accuracy of discovered subgroups", "子群体多重准确性"),
        "data.quality": ("Data quality", "数据质量"),
        "data.representation": ("Representation of the population served", "服务人群代表性"),
        "data.bias.reporting": ("Reporting bias", "报告偏差"),
        "data.bias.automation": ("Automation bias in labels", "标注自动化偏差"),
        "data.bias.selection": ("Selection bias", "选择偏差"),
        "data.bias.group_attribution": ("Group attribution bias", "群体归因偏差"),
        "data.bias.implicit": ("Implicit bias by proxies", "代理变量隐性偏差"),
        "data.timeliness": ("Timeliness and drift of data", "数据时效与漂移"),
        "llm.bias": ("Bias of a language model on paired prompts", "语言模型成对提示偏差"),
    },
}

_TOOLS: dict[str, tuple[str, str]] = {
    "remedy.adversarial_training": ("Adversarial training", "对抗训练"),
    "remedy.pruning": ("Model pruning", "模型剪枝"),
    "remedy.fairness": ("Mitigation of unfairness", "不公平缓解"),
}

DECLARED: dict[str, Declaration] = {
    **{
        name: Declaration(name, Text(*title), characteristic)
        for characteristic, titles in _TITLES.items()
        for name, title in titles.items()
    },
    **{name: Declaration(name, Text(*title), "", tool=True) for name, title in _TOOLS.items()},
}

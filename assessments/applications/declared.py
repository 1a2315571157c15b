"""The declared schema of a version: proposed from what the inspection read, and turned into form values and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assessments.systems.models import Artifact, SystemVersion
from assessments.systems.services import current_artifacts

MOST_COLUMNS = 60
TABLES = ("csv", "parquet")
LABEL_NAMES = ("label", "target", "class", "y", "outcome")
FEATURE_TYPES = {"integer": "integer", "number": "numeric", "text": "categorical"}


class ReadFiles:
    """What the inspection read from the model and from the data that serves as test data."""

    def __init__(self, version: SystemVersion) -> None:
        accepted = {
            file.role: file for file in current_artifacts(version) if file.inspection == Artifact.Inspection.ACCEPTED
        }
        self.model = _facts(accepted.get(Artifact.Role.MODEL))
        data = accepted.get(Artifact.Role.TEST) or accepted.get(Artifact.Role.PREDICTIONS)
        self.data = _facts(data)
        self.has_model = Artifact.Role.MODEL in accepted
        self.predictions_only = not self.has_model and Artifact.Role.PREDICTIONS in accepted
        self.data_kind = str(self.data.get("format") or (data.description.get("kind") if data else "") or "")

    @property
    def columns(self) -> list[str]:
        """Names of columns, or of arrays beside X; empty when nothing was read."""
        if self.data_kind == "npz":
            return [array["name"] for array in self.data.get("arrays", []) if array["name"] != "X"]
        names = self.data.get("names")
        if names is None and isinstance(self.data.get("columns"), list):
            names = self.data["columns"]
        return [name for name in names or [] if name]

    def type_of(self, column: str) -> str:
        names, types = self.data.get("names") or [], self.data.get("types") or []
        read = dict(zip(names, types, strict=False)).get(column, "number")
        return FEATURE_TYPES.get(read, "numeric")


def _facts(artifact: Artifact | None) -> dict[str, Any]:
    return dict(artifact.description.get("facts") or {}) if artifact else {}


def proposed_schema(files: ReadFiles) -> dict[str, Any]:
    """A schema guessed from the files, to be checked by a person; it holds only what can be read with some ground."""
    schema: dict[str, Any] = {"model": _proposed_model(files), "data": {"test": {}}}
    labels = [name for name in files.columns if name.lower() in LABEL_NAMES]
    if labels:
        schema["data"]["test"]["label"] = labels[0]
    if files.data_kind in TABLES and len(files.columns) <= MOST_COLUMNS:
        schema["data"]["test"]["features"] = [
            {"name": name, "type": files.type_of(name)} for name in files.columns if name not in labels
        ]
    return schema


def _proposed_model(files: ReadFiles) -> dict[str, Any]:
    model: dict[str, Any] = {}
    classes = files.model.get("classes") or []
    outputs = files.model.get("outputs") or []
    shape = outputs[0]["shape"] if outputs else []
    if not classes and len(shape) == 2 and isinstance(shape[1], int) and shape[1] > 1:
        classes = [str(index) for index in range(shape[1])]
    if classes:
        model |= {"task": "classification", "classes": [str(name) for name in classes]}
    operators = files.model.get("operators") or {}
    if outputs:
        model["output"] = {"kind": "probabilities" if {"Softmax", "Sigmoid"} & set(operators) else "logits"}
        if len(outputs) > 1:
            model["output"]["name"] = outputs[0]["name"]
    preprocessing = _proposed_layout(files)
    return {**model, "preprocessing": preprocessing} if preprocessing else model


def _proposed_layout(files: ReadFiles) -> dict[str, Any]:
    inputs = files.model.get("inputs") or []
    sample = [size for size in (inputs[0]["shape"] if inputs else [])[1:] if isinstance(size, int)]
    if len(sample) == 1:
        return {"layout": "flat", "shape": sample}
    if len(sample) == 3:
        return {"layout": "NHWC" if sample[2] in (1, 3) and sample[0] not in (1, 3) else "NCHW", "shape": sample}
    return {}


def form_values(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as values of the form's fields."""
    model, test = schema.get("model") or {}, (schema.get("data") or {}).get("test") or {}
    output, fed = model.get("output") or {}, model.get("preprocessing") or {}
    predicted = test.get("prediction")
    span = fed.get("range") or [None, None]
    return {
        "task": model.get("task", ""),
        "output_kind": output.get("kind", ""),
        "output_name": output.get("name", ""),
        "input_name": model.get("input", ""),
        "lower_is_better": output.get("lower_is_better", False),
        "classes": model.get("classes"),
        "positive": model.get("positive", ""),
        "threshold": model.get("threshold"),
        **{name: fed.get(name) for name in ("layout", "shape", "scale", "mean", "std", "grid")},
        "lowest": span[0],
        "highest": span[1],
        "label": test.get("label", ""),
        "favourable": test.get("favourable", ""),
        "prediction": predicted["column"] if isinstance(predicted, Mapping) else predicted or "",
        "prediction_above": predicted["above"] if isinstance(predicted, Mapping) else None,
        "score": test.get("score", ""),
        "population": schema.get("population"),
    }


def column_values(schema: Mapping[str, Any], files: ReadFiles) -> list[dict[str, Any]]:
    """One row of form values for each column: those declared as inputs first, in their order."""
    test = (schema.get("data") or {}).get("test") or {}
    features = {feature["name"]: feature for feature in test.get("features") or []}
    sensitive = {entry["name"]: entry for entry in test.get("sensitive") or []}
    names = list(dict.fromkeys([*features, *files.columns, *sensitive]))
    if len(names) > MOST_COLUMNS:
        return []
    return [
        {
            "name": name,
            "is_input": name in features,
            "type": features.get(name, {}).get("type") or files.type_of(name),
            "mutable": features.get(name, {}).get("mutable", True),
            "missing_allowed": features.get(name, {}).get("missing_allowed", False),
            "minimum": features.get(name, {}).get("minimum"),
            "maximum": features.get(name, {}).get("maximum"),
            "values": features.get(name, {}).get("values"),
            "sensitive": name in sensitive,
            "cuts": sensitive.get(name, {}).get("cuts"),
            "identifier": name in (test.get("identifiers") or []),
            "personal": name in (test.get("personal") or []),
        }
        for name in names
        if name != test.get("label")
    ]


def schema_from(
    held: Mapping[str, Any],
    values: Mapping[str, Any],
    columns: Sequence[Mapping[str, Any]],
    claims: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The schema that the form's values declare; what the form does not show stays as it was held."""
    data = dict(held.get("data") or {})
    data["test"] = _data(data.get("test") or {}, values, columns)
    schema = {**held, "model": _model(held.get("model") or {}, values), "data": data}
    schema["claims"] = [_kept(claim) for claim in claims if claim.get("metric") and claim.get("value") is not None]
    schema["population"] = values.get("population")
    return {name: part for name, part in schema.items() if part}


def _model(held: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    span = [values.get("lowest"), values.get("highest")]
    fed = {name: values.get(name) for name in ("layout", "shape", "scale", "mean", "std", "grid")}
    return _kept(
        {
            **held,
            "task": values.get("task"),
            "input": values.get("input_name"),
            "output": _kept(
                {
                    "kind": values.get("output_kind"),
                    "name": values.get("output_name"),
                    "lower_is_better": values.get("lower_is_better") or None,
                }
            ),
            "classes": values.get("classes") if values.get("task") != "regression" else None,
            "positive": values.get("positive"),
            "threshold": values.get("threshold"),
            "preprocessing": _kept({**fed, "range": None if None in span else span}),
        }
    )


def _data(held: Mapping[str, Any], values: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    prediction: Any = values.get("prediction")
    if prediction and values.get("prediction_above") is not None:
        prediction = {"column": prediction, "above": values["prediction_above"]}
    named = {name: values.get(name) for name in ("label", "favourable", "score")}
    entry = {**held, **named, "prediction": prediction}
    if columns:
        # The answer is never an input, whatever was marked.
        answers = {values.get("label"), values.get("prediction"), values.get("score")}
        entry["features"] = [_feature(row) for row in columns if row.get("is_input") and row["name"] not in answers]
        # In the order in which they were declared, new ones last: reports follow it.
        order = [attribute["name"] for attribute in held.get("sensitive") or []]
        marked = sorted((row for row in columns if row.get("sensitive")), key=lambda row: _rank(order, row["name"]))
        entry["sensitive"] = [_kept({"name": row["name"], "cuts": row.get("cuts")}) for row in marked]
        entry["identifiers"] = [row["name"] for row in columns if row.get("identifier")]
        entry["personal"] = [row["name"] for row in columns if row.get("personal")]
    return _kept(entry)


def _rank(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "type", "minimum", "maximum", "values")
    feature = {name: row.get(name) for name in names} | {"missing_allowed": row.get("missing_allowed") or None}
    return _kept({**feature, "mutable": bool(row.get("mutable"))})


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left open; False and 0 are answers."""
    return {name: value for name, value in entry.items() if value is not None and value not in ("", [], {})}

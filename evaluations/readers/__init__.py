"""Readers: models, data and manifests, read from untrusted bytes or refused with the place named."""

import os

# onnxruntime reads this once, when it is first imported; nothing of this package may phone home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

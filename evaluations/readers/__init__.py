"""Readers: models, data and manifests, read from untrusted bytes or refused with the place named."""

import os

import threadpoolctl

# onnxruntime reads this once, when it is first imported; nothing of this package may phone home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# scikit-learn lists the loaded libraries by this file, which no confined job may open. It has no setting for asking the
# linker instead, as it does where there is no /proc at all.
try:
    os.close(os.open("/proc/self/maps", os.O_RDONLY))
except OSError:
    threadpoolctl._HAS_PROCFS = False  # noqa: SLF001

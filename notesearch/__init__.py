"""Search folders of Markdown notes by meaning and by words, offline."""

import os

# Both must be set before the libraries they concern are imported, hence here. ONNX Runtime's
# official builds write a device id under the home folder and look up a telemetry host as soon
# as they are imported; the tokenizer's own threads gain nothing on one text at a time.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

__version__ = "0.1.0"

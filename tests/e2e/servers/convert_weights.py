"""GGUF to what transformers reads: run with the servers' own Python, which has transformers."""

import sys
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

source, target = Path(sys.argv[1]), sys.argv[2]
tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
read = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name)
config = {key: one for key, one in read.config.to_dict().items() if key != "quantization_config"}
plain = LlamaForCausalLM(LlamaConfig(**config))  # what was read counts as quantized: not saved
plain.load_state_dict(read.state_dict())
plain.save_pretrained(target)
tokenizer.save_pretrained(target)

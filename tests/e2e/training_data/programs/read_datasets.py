"""Files as TRL and axolotl load them; prints their columns, and their lines as they came back."""

import json
import sys

try:
    from datasets import load_dataset
except ImportError:
    sys.exit(77)

found = []
for path in sys.argv[1:]:
    loaded = load_dataset("json", data_files=path, split="train", on_mixed_types="use_json")
    found.append({"columns": loaded.column_names, "lines": [dict(line) for line in loaded]})
sys.stdout.write(json.dumps(found))

"""Together's own check of files; prints what it says of each."""

import json
import sys

try:
    from together.lib.utils.files import check_file
except ImportError:
    sys.exit(77)

sys.stdout.write(json.dumps([check_file(path) for path in sys.argv[1:]]))

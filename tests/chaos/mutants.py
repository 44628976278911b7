"""The runs that must fail, each without one safeguard."""

from dataclasses import replace

from chaos.plan import LEASE, Plan

_SHORT = Plan(
    seed=1,
    seconds=25,
    replicas=2,
    rate=6,
    question_share=0.5,
    fault_interval=3,
    slack_only=True,
    drain_seconds=45,
)
_TAKEN_BACK = ("deleted while down", "edited while down")

MUTANTS = {
    plan.without: plan
    for plan in (
        replace(
            _SHORT,
            without="the fence",
            seconds=45,
            kinds=("freeze",),
            fault_interval=2,
            # Frozen for so long that nobody looks for doubles any more when it wakes.
            freeze_seconds=(3.6 * LEASE, 4.2 * LEASE),
            model_delay=1.5,
        ),
        replace(_SHORT, without="the dedupe key", kinds=("again",)),
        replace(_SHORT, without="the look for what is posted", kinds=("kill",), post_delay=1.0),
        replace(
            _SHORT,
            without="the commit before the acknowledgement",
            # A kill would not do: what a dead replica has sent to Postgres is carried out anyway.
            kinds=("postgres",),
            fault_interval=5,
            rate=25,
            question_share=0.04,
            no_history=True,
        ),
        replace(_SHORT, without="the review of what was said", kinds=_TAKEN_BACK),
        replace(_SHORT, without="the row before the call", kinds=("tools",), fault_interval=2),
    )
}

"""One cluster, or one start, before its cohort: what it gets of the shared cores, and why not more.

The figures are ``planning``'s; here they become a reason and words. Sentences stand after a colon, as in ``wording``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.admission import Lease, TraceStep
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_cores
from hub_ext.policy import bursting, wording
from hub_ext.policy.planning import Plan, admits, owed, portion
from hub_ext.policy.sharing import Claim, Cohort, Table
from hub_ext.policy.wording import Scene

_RULE = "cohort.cores"
_NAMED = 4


@dataclass(frozen=True)
class Share:
    """What one cluster gets of the cohort's cores."""

    workers: int
    short: bool
    """Whether that is less than it could use."""
    reason: Reason
    text: str
    steps: tuple[TraceStep, ...]
    waits: bool
    """Whether it waits for what others borrow: its group's own, or a fairer share."""
    retry_at: datetime | None


@dataclass(frozen=True)
class Lack:
    """Why a server or scheduler does not fit."""

    reason: Reason
    text: str
    retry_at: datetime | None = None


@dataclass(frozen=True)
class _Counted:
    """One cluster's group with the workers that it is being granted."""

    scene: Scene
    group: str
    table: Table
    claim: Claim
    granted: int
    waits: bool
    """Whether it is short of what others are to give back."""

    @property
    def burst(self) -> bursting.Burst:
        """Before its group's credits."""
        return bursting.Burst(self.table, self.group, self.scene.title, self.claim.cores)

    @property
    def used(self) -> Decimal:
        return self.table.used[self.group]

    @property
    def within(self) -> bool:
        """Whether one worker more would still be within the nominal."""
        return self.table.within(self.group, self.claim.cores)


def share(scene: Scene, lease: Lease, wish: int) -> Share:
    """Return what a cluster gets.

    Args:
        scene: who reads, and how the lease's group stands, with its cohort.
        lease: of the cluster, with the workers that it was granted last.
        wish: the workers that every other bound leaves room for.
    """
    cohort, claim = _asking(scene, lease, wish)
    granted, plan = portion(cohort, lease.id, scene.now)
    left = replace(cohort, claims=(*cohort.without(lease.id), replace(claim, workers=granted)))
    counted = _Counted(scene, lease.group, Table(left), claim, granted, granted < wish and owed(left, lease.id))
    reason = _reason(counted, plan)
    return Share(
        workers=granted,
        short=granted < wish,
        reason=reason,
        text=_text(counted, reason, plan),
        steps=_steps(counted.table, lease.group, None if granted >= wish else reason),
        waits=counted.waits,
        retry_at=_retry_at(counted, reason, cohort),
    )


def _retry_at(counted: _Counted, reason: Reason, cohort: Cohort) -> datetime | None:
    if reason is Reason.credits_exhausted:
        return counted.burst.retry_at(counted.scene.now)
    return _when(cohort, counted.claim, counted.scene.now) if counted.waits else None


def _when(cohort: Cohort, claim: Claim, now: datetime) -> datetime | None:
    """Return when others begin to give back; None: they have begun."""
    at = (claim.waiting_since or now) + cohort.patience
    return at if at > now else None


def _asking(scene: Scene, lease: Lease, wish: int) -> tuple[Cohort, Claim]:
    """Return the cohort with the cluster's wish of this moment, and its claim."""
    cohort = scene.standing.cohort
    if cohort is None or lease.worker is None:
        raise AssertionError(lease.group)
    known = cohort.claim(lease.id)
    claim = Claim(
        lease=lease.id,
        group=lease.group,
        cores=lease.worker.cores,
        workers=min(lease.workers, wish),
        wish=wish,
        requested_at=known.requested_at if known else scene.now,
        waiting_since=known.waiting_since if known else None,
    )
    return replace(cohort, claims=(*cohort.without(lease.id), claim)), claim


def _reason(counted: _Counted, plan: Plan) -> Reason:
    member = counted.table.members[counted.group]
    ended = member.credits is not None and member.credits.ended
    if counted.granted < counted.claim.workers and (plan.takers or plan.sharers) and not ended:
        return Reason.reclaimed
    if counted.table.lacks_credits(counted.group, counted.claim.cores):
        return Reason.credits_exhausted
    if member.most is None or counted.used + counted.claim.cores <= member.most:
        return Reason.cohort_full
    return Reason.borrowing_limit if member.borrowing else Reason.quota_exceeded


def _text(counted: _Counted, reason: Reason, plan: Plan) -> str:
    scene, member = counted.scene, counted.table.members[counted.group]
    who = wording.holders(scene, "cores", more=counted.granted * counted.claim.cores)
    match reason:
        case Reason.credits_exhausted:
            return _of_credits(counted, who)
        case Reason.reclaimed:
            return _taken(counted, plan)
        case Reason.quota_exceeded:
            return f"{wording.possessive(scene.title)} quota of {format_cores(member.nominal)} is full{who}."
        case Reason.borrowing_limit:
            return f"{_parts(counted.table, counted.group)}, the most that {scene.title} may borrow{who}."
        case _ if counted.within:
            return f"other groups borrow what is left of {_quota(counted)}{_rest(counted.table, counted.group)}."
        case _:
            held = f"{_parts(counted.table, counted.group)}{who}"
            rest = _rest(counted.table, counted.group)
            return f"{held}; the rest waits for other groups' capacity{rest}."


def _of_credits(counted: _Counted, who: str) -> str:
    burst = counted.burst
    lost = (counted.claim.workers - counted.granted) * counted.claim.cores
    if lost > 0 and burst.credits.ended:
        return burst.ended(lost, kept=counted.granted > 0)
    return burst.cause(f"{_parts(counted.table, counted.group)}{who}")


def _taken(counted: _Counted, plan: Plan) -> str:
    titles = [counted.table.members[name].title for name in plan.takers or plan.sharers]
    lost = (counted.claim.workers - counted.granted) * counted.claim.cores
    what = f"{_number(lost)} borrowed core{'' if lost == 1 else 's'}"
    kept = "your results are kept" if counted.granted else "no worker is left to keep results"
    if plan.takers and plan.sharers:
        own = "its own" if len(titles) == 1 else "their own"
        return f"{wording.listed(titles)} took back {own} and a fair share of the rest, {what} in all; {kept}."
    if plan.takers:
        return f"{wording.listed(titles)} took back {what}; {kept}."
    less = "borrows less, so it gets" if len(titles) == 1 else "borrow less, so they get"
    return f"{wording.listed(titles)} {less} {what} of {counted.scene.title}; {kept}."


def _quota(counted: _Counted) -> str:
    nominal = counted.table.members[counted.group].nominal
    return f"{wording.possessive(counted.scene.title)} quota of {format_cores(nominal)}"


def _parts(table: Table, group: str) -> str:
    """Write ``64 quota + 76 borrowed``, in cores; a quota of nothing is not named."""
    borrowed = table.borrowed(group)
    own = table.used[group] - borrowed
    return " + ".join(
        [f"{_number(value)} {word}" for value, word in ((own, "quota"), (borrowed, "borrowed")) if value]
        or ["nothing of the cohort's cores"]
    )


def _rest(table: Table, group: str) -> str:
    """Write who else holds the cohort's cores, the largest first: `` (Production 100, Analysts 24)``."""
    used = [(used, table.members[name].title) for name, used in table.used.items() if name != group and used > 0]
    found = sorted(used, key=lambda item: (-item[0], item[1]))
    named = [f"{title} {_number(cores)}" for cores, title in found[:_NAMED]]
    others = found[_NAMED:]
    if others:
        named.append(f"{len(others)} other{'' if len(others) == 1 else 's'} {_number(sum(c for c, _ in others))}")
    return f" ({', '.join(named)})" if named else ""


def _number(cores: Decimal | int) -> str:
    return wording.bare("cores", Decimal(cores))


def _step(table: Table, group: str, *, allows: bool) -> TraceStep:
    member = table.members[group]
    most = "" if member.borrowing is None else f" of at most {_number(member.borrowing)}"
    held = f"{_number(table.used[group])} of {format_cores(member.nominal)} in use"
    borrowed = f"{_number(table.borrowed(group))}{most} borrowed"
    return TraceStep(rule=_RULE, allows=allows, detail=f"{held}, {borrowed}, {_number(table.room(group))} free to take")


def _steps(table: Table, group: str, reason: Reason | None) -> tuple[TraceStep, ...]:
    """Return what the trace says of cohort and credits, where ``reason`` binds."""
    bursts = reason is Reason.credits_exhausted
    saved = bursting.step(table, group, allows=not bursts)
    return (_step(table, group, allows=reason is None or bursts), *([saved] if saved else []))


def lack(scene: Scene, group: str, cores: Decimal, what: str) -> Lack | None:
    """Return why a server or scheduler does not fit into the cohort; None: it fits.

    Args:
        scene: who reads, and how the group stands, with its cohort.
        group: its name.
        cores: of the server or scheduler.
        what: its title.
    """
    cohort = scene.standing.cohort
    if cohort is None or admits(cohort, group, cores):
        return None
    table, member = Table(cohort), cohort.members[group]
    who, rest = wording.holders(scene, "cores"), _rest(table, group)
    need = f"{what} needs {_number(cores)}"
    if table.lacks_credits(group, cores):
        held = f"{scene.title} holds {_parts(table, group)}{who}, {need}"
        burst = bursting.Burst(table, group, scene.title, cores)
        return Lack(Reason.credits_exhausted, burst.cause(held), burst.retry_at(scene.now))
    if member.most is not None and table.used[group] + cores > member.most:
        reason = Reason.borrowing_limit if member.borrowing else Reason.quota_exceeded
        bound = f"{_number(member.borrowing)} more may be borrowed" if member.borrowing else "none may be borrowed"
        held = f"{scene.title} holds {_parts(table, group)} of its quota of {format_cores(member.nominal)}"
        return Lack(reason, f"{held}, {bound}, and {need}{who}.")
    if table.within(group, cores):
        left = f"{scene.title} has {_number(member.nominal - table.used[group])} of its {format_cores(member.nominal)}"
        return Lack(Reason.cohort_full, f"{left} left, but other groups borrow them{rest}, and {need}.")
    held = f"{scene.title} holds {_parts(table, group)} of the cohort's cores{who}"
    wanted = " or wanted by those who lend it" if cores <= table.room(group) else ""
    return Lack(Reason.cohort_full, f"{held}, {need}, and the rest is in use{wanted}{rest}.")


def start_steps(scene: Scene, group: str, lack: Lack | None) -> tuple[TraceStep, ...]:
    """Return what the trace says of a start before its cohort."""
    if scene.standing.cohort is None:
        raise AssertionError(group)
    return _steps(Table(scene.standing.cohort), group, lack.reason if lack else None)

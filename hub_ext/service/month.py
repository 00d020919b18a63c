"""What groups and people spent this month, read from daily sums and from what runs."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product

from hub_ext.contract.account import Balance
from hub_ext.contract.funds import TopUp
from hub_ext.contract.quantities import DAY, TICK, Going, Quantity
from hub_ext.contract.usage import Interval
from hub_ext.cost import budgets
from hub_ext.cost.budgets import month_start
from hub_ext.cost.forecast import forecast, lives_since, usual_lives, window_start
from hub_ext.cost.money import Rates, cut
from hub_ext.cost.spending import Spending
from hub_ext.policy.document import Policy
from hub_ext.usage import ledger, rollups, topups
from hub_ext.usage.database import Connection


@dataclass(frozen=True)
class Month:
    """Everything that a month's budgets depend on. To be asked while its transaction lasts."""

    policy: Policy
    now: datetime
    groups: Mapping[str, Spending]
    """Of each group, this month's."""
    people: Mapping[tuple[str, str], Spending]
    """Of each person in each group who was asked for, this month's."""
    topups: Sequence[TopUp] = ()
    windows: Mapping[str, Spending] = field(default_factory=dict)
    """Of each group, since the days whose mean is expected to go on; nothing where no forecast was asked for."""
    own_windows: Mapping[tuple[str, str], Spending] = field(default_factory=dict)
    """The same of each person in each group who was asked for."""
    running: Mapping[str, Sequence[Interval]] = field(default_factory=dict)
    """Of each group, what runs; for forecasts too."""
    usual: Mapping[str, Mapping[str, timedelta]] = field(default_factory=dict)
    """Group -> profile -> usual life."""

    def balance(self, group: str, user: str) -> Balance:
        """Return how the group, and the person in it, stand; with a forecast, where one was asked for."""
        ours, mine = self.groups[group], self.people.get((group, user))
        balance = budgets.balance(self.policy, group, ours, mine, topups=self.topups, user=user)
        window, own = self.windows.get(group), self.own_windows.get((group, user))
        running = self.running.get(group, ())
        told = {
            "forecast": self._forecast(group, window, running),
            "my_forecast": self._forecast(group, own, [one for one in running if one.user == user]),
        }
        return balance.model_copy(update={name: amount for name, amount in told.items() if amount is not None})

    def _forecast(self, group: str, window: Spending | None, running: Sequence[Interval]) -> Decimal | None:
        """Return what a curve comes to at the month's end; what a person runs lasts as long as their group's usual."""
        return None if window is None else forecast(self.policy, window, running, self.usual.get(group, {}))

    def own(self, group: str, user: str) -> Balance:
        """Return how a person in the group stands; the group's own figures are not in it, nor a forecast."""
        mine = self.people.get((group, user))
        nothing = Spending(Rates(self.policy), (), (), since=month_start(self.now), until=self.now, of_day=_none)
        return budgets.balance(self.policy, group, nothing, mine, topups=self.topups, user=user)


def _none(_low: datetime, _high: datetime) -> list[Interval]:
    return []


def read_month(
    connection: Connection,
    policy: Policy,
    groups: Collection[str] | None,
    users: Collection[str] | None,
    now: datetime,
    *,
    forecasts: bool = False,
    spending: Collection[str] | None = None,
) -> Month:
    """Read what the budgets of these groups, or of all, and of these people in them depend on.

    Args:
        connection: a transaction; the month is asked while it lasts.
        policy: the policy in force.
        groups: names of policy groups; None: all of the policy and of the ledger.
        users: whose own part is read too; None: of everybody who spent something.
        now: the moment.
        forecasts: whether forecasts will be asked for.
        spending: the groups of which spending is read; of the others there is none. None: of all.
    """
    since = window_start(now) if forecasts else month_start(now)
    paying = groups if spending is None else spending
    reader = _Reader(connection, policy, paying, users, since=since, now=now)
    names = reader.names | set(policy.groups if groups is None else groups)
    return Month(
        policy=policy,
        now=now,
        groups={name: reader.spending(name, since=month_start(now)) for name in names},
        people=_People(reader, names, users, since=month_start(now)),
        topups=topups.made(connection, month_start(now), now, groups=paying) if paying or paying is None else (),
        windows={name: reader.spending(name, since=reader.since) for name in names} if forecasts else {},
        own_windows=_People(reader, names, users, since=reader.since) if forecasts else {},
        running=_running(connection, groups, now) if forecasts else {},
        usual=_usual(connection, groups, now) if forecasts else {},
    )


def read_total(
    connection: Connection, policy: Policy, since: datetime, until: datetime, *, group: str | None, user: str | None
) -> Decimal:
    """Return what a group, a person, or everybody spent between two midnights (UTC), or until now."""
    groups = None if group is None else [group]
    reader = _Reader(connection, policy, groups, [user] if user else [], since=since, now=until)
    names = [name for name in reader.names if group in {None, name}]
    return cut(sum((reader.spending(name, user or "", since=since).spent() for name in names), Fraction(0)))


class _Reader:
    """Reads all of it at once and deals it out."""

    def __init__(
        self,
        connection: Connection,
        policy: Policy,
        groups: Collection[str] | None,
        users: Collection[str] | None,
        *,
        since: datetime,
        now: datetime,
    ) -> None:
        self._connection, self._rates, self._now = connection, Rates(policy), now
        self.since = since
        self._ended: dict[tuple[str, str], list[Quantity]] = defaultdict(list)
        self._going: dict[tuple[str, str], list[Going]] = defaultdict(list)
        first, after = since.astimezone(UTC).date(), (now.astimezone(UTC) - TICK).date() + DAY
        if groups is not None and not groups:
            return
        for one in rollups.ended(connection, first, after, groups=groups, users=users):
            self._ended[one.group, one.user].append(one)
        for going in rollups.going(connection, now, by_person=users is None or bool(users), groups=groups):
            self._going[going.group, ""].append(going)
            if going.user:
                self._going[going.group, going.user].append(going)

    @property
    def names(self) -> set[str]:
        """The groups of which anything is known."""
        return {group for group, _ in (*self._ended, *self._going)}

    @cached_property
    def spenders(self) -> set[tuple[str, str]]:
        """The people of whom anything is known, with the group that paid."""
        return {whose for whose in (*self._ended, *self._going) if whose[1]}

    def spending(self, group: str, user: str = "", *, since: datetime) -> Spending:
        """Return what a group spent, or a person in it."""

        def of_day(low: datetime, high: datetime) -> list[Interval]:
            return ledger.overlapping(self._connection, low, high, groups=[group], user=user or None)

        ended, going = self._ended.get((group, user), ()), self._going.get((group, user), ())
        return Spending(self._rates, ended, going, since=since, until=self._now, of_day=of_day)


class _People(Mapping[tuple[str, str], Spending]):
    """What each person spent in each group, worked out when it is asked for: of ten thousand people few are.

    Args:
        reader: knows everything about them.
        groups: the groups that are told.
        users: the people that are told, also those who spent nothing; None: everybody of whom anything is known.
        since: where their curves begin, 00:00 UTC of a day.
    """

    def __init__(
        self, reader: _Reader, groups: Collection[str], users: Collection[str] | None, *, since: datetime
    ) -> None:
        self._reader, self._since, self._groups = reader, since, frozenset(groups)
        self._users = None if users is None else frozenset(users)
        self._found: dict[tuple[str, str], Spending] = {}

    def __getitem__(self, whose: tuple[str, str]) -> Spending:
        if not self._told(whose):
            raise KeyError(whose)
        if whose not in self._found:
            self._found[whose] = self._reader.spending(*whose, since=self._since)
        return self._found[whose]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        known = self._reader.spenders if self._users is None else product(self._groups, self._users)
        return iter(sorted(whose for whose in known if self._told(whose)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _told(self, whose: tuple[str, str]) -> bool:
        group, user = whose
        known = whose in self._reader.spenders if self._users is None else user in self._users
        return known and group in self._groups


def _running(connection: Connection, groups: Collection[str] | None, now: datetime) -> Mapping[str, list[Interval]]:
    found: dict[str, list[Interval]] = defaultdict(list)
    for one in ledger.running(connection, groups=groups):
        if one.started_at < now:
            found[one.group].append(one)
    return found


def _usual(
    connection: Connection, groups: Collection[str] | None, now: datetime
) -> Mapping[str, Mapping[str, timedelta]]:
    found: dict[str, list[tuple[str, timedelta]]] = defaultdict(list)
    for life in ledger.lives(connection, lives_since(now), groups=groups):
        found[life.group].append((life.profile, life.lasted))
    return {group: usual_lives(lives) for group, lives in found.items()}

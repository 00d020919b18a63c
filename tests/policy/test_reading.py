"""The policy file is read exactly, or every mistake in it is told at once."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hub_ext.demo
from hub_ext.contract.errors import PolicyMistakes
from hub_ext.policy.document import Policy
from hub_ext.policy.profiles import ClusterProfile, ServerProfile
from hub_ext.policy.reading import policy_version, read_policy
from tests.policy.mistakes import BASE, MISTAKES, SEVERAL

POLICIES = Path(__file__).parents[1] / "policies"
DEMO = Path(hub_ext.demo.__file__).parent / "policy.yaml"


def mistakes_in(text: str) -> tuple[str, ...]:
    """Return what is wrong with a text; nothing where it is a policy."""
    try:
        read_policy(text)
    except PolicyMistakes as error:
        return error.mistakes
    return ()


def full() -> Policy:
    """Return the policy that holds every key."""
    return read_policy((POLICIES / "full.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", [POLICIES / "full.yaml", POLICIES / "minimal.yaml", DEMO], ids=lambda file: file.stem)
def test_sample_is_good(file: Path) -> None:
    """Each sample policy is read without a mistake."""
    assert mistakes_in(file.read_text(encoding="utf-8")) == ()


def test_base_is_good() -> None:
    """The text that the table of mistakes changes has none itself."""
    assert mistakes_in(BASE) == ()


def test_money_is_exact() -> None:
    """A price is the decimal number of its text."""
    prices = full().prices
    assert [price.since for price in prices] == [date(2025, 7, 1), date(2026, 1, 1)]
    assert repr(prices[1].core_hour) == "Decimal('0.040')"
    assert prices[1].spot_factor == Decimal("0.35")


def test_profiles_keep_their_figures() -> None:
    """Sizes become bytes, durations become times, a fraction of a core stays one."""
    small, workers = full().profiles["small"], full().profiles["workers"]
    assert isinstance(small, ServerProfile)
    assert (small.cores, small.memory) == (Decimal("0.5"), 1536 * 2**20)
    assert small.idle is not None
    assert small.idle.max == timedelta(hours=4)
    assert isinstance(workers, ClusterProfile)
    assert workers.no_client == timedelta(seconds=90)
    assert workers.stops_with_server


def test_a_cluster_ends_with_its_persons_servers_unless_its_profile_says_no() -> None:
    """Nobody has to remember a key to keep a forgotten cluster from costing money."""
    text = (POLICIES / "minimal.yaml").read_text(encoding="utf-8")
    profile = "  c: {{kind: cluster, worker: {{cores: 1, memory: 1 GiB}}, workers: {{max: 2}}{}}}\n"
    told = {}
    for key in ("", ", stops_with_server: yes", ", stops_with_server: no"):
        found = read_policy(text.replace("profiles:\n", "profiles:\n" + profile.format(key))).profiles["c"]
        assert isinstance(found, ClusterProfile)
        told[key] = found.stops_with_server
    assert list(told.values()) == [True, True, False]


def test_word_no_is_a_name() -> None:
    """YAML 1.1's false is a good name for a group, and `yes` is true where a truth value is needed."""
    policy = full()
    assert policy.groups["no"].match == ("/no", "/No/*")
    assert policy.group_title("no") == "Norway"


def test_engine_block_is_typed() -> None:
    """A free block keeps YAML 1.2's types: numbers, true and false, and the quoted text of both."""
    profiles = full().profiles
    assert profiles["small"].local == {"nice": 5, "cleanup": True}
    assert profiles["accelerated"].slurm == {"partition": "gpu", "time": "4:00:00"}


def test_text_field_takes_digits_as_written() -> None:
    """What looks like a number stays the text that it is where a text is needed."""
    credentials = full().data["lake"].credentials
    assert credentials["account"] == "0123"


def test_group_order_is_kept() -> None:
    """Groups stand in the order of the document."""
    assert list(full().groups) == ["production", "no", "accelerated"]


def test_anchors_and_merges_work() -> None:
    """A block may be written once and merged elsewhere; a key of its own wins."""
    text = BASE.replace("    budget: {", "    budget: &money {").replace(
        "administrators:",
        "  more:\n    match: [/more]\n    profiles: [small]\n    budget: {<<: *money, monthly: 70}\nadministrators:",
    )
    budget = read_policy(text).groups["more"].budget
    assert budget is not None
    assert (budget.monthly, budget.per_user) == (Decimal(70), Decimal(50))


def test_version_is_of_the_text() -> None:
    """The version is the start of the text's SHA-256, so that one changed letter is another version."""
    assert policy_version("a") == "ca978112ca1b"
    assert policy_version(BASE) != policy_version(BASE + " ")


@pytest.mark.parametrize(("old", "new", "path", "line", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_told(old: str, new: str, path: str, line: int, words: str) -> None:
    """A mistake is told with its path, its line and what to write."""
    assert old in BASE
    told = mistakes_in(BASE.replace(old, new, 1))
    assert any(mistake.startswith(f"{path} (line {line}): ") and words in mistake for mistake in told), told


JARGON = ("input should", "value error", "validation", "field required", "extra inputs", "pydantic", "scanner", "token")


@pytest.mark.parametrize(("old", "new"), [row[:2] for row in MISTAKES.values()], ids=MISTAKES)
def test_mistake_has_no_jargon(old: str, new: str) -> None:
    """No sentence about a mistake holds a word of the libraries that found it."""
    told = " ".join(mistakes_in(BASE.replace(old, new, 1))).lower()
    assert [word for word in JARGON if word in told] == []


SINGLE = [name for name in MISTAKES if name not in SEVERAL]


@pytest.mark.parametrize("name", SINGLE)
def test_mistake_is_told_once(name: str) -> None:
    """One mistake is one sentence, without echoes from what hangs on it."""
    old, new, *_ = MISTAKES[name]
    assert len(mistakes_in(BASE.replace(old, new, 1))) == 1


def test_all_mistakes_come_at_once() -> None:
    """Mistakes of form, reference and figures are told together, in the order of the file."""
    told = mistakes_in((POLICIES / "broken.yaml").read_text(encoding="utf-8"))
    assert [mistake.split(":")[0] for mistake in told] == [
        "prices[0].gpu_hour (line 4)",
        "groups.analysts.profiles[0] (line 11)",
        "groups.analysts.quota.core (line 12)",
        "groups.analysts.budget.grace (line 13)",
        "groups.research.quota.cores (line 17)",
    ]


def test_two_mistakes_at_one_place_are_both_told() -> None:
    """A quota that is too small for two profiles is told for both."""
    told = mistakes_in(BASE.replace("{cores: 8, memory: 64 GiB}", "{memory: 1 GiB}"))
    assert ["profile small" in told[0], "profile standard" in told[1]] == [True, True]


def test_broken_profile_is_still_a_name() -> None:
    """A group that offers a profile with a mistake is not told that the profile is unknown."""
    told = mistakes_in(BASE.replace("kind: server", "kind: notebook"))
    assert not any("groups.research" in mistake for mistake in told)


def test_person_may_hold_what_the_group_borrows() -> None:
    """In a cohort a person's cores may exceed the quota by what the group may borrow, and not by more."""
    borrowing = BASE.replace("cohort: company", "cohort: company\n    borrowing_limit: {cores: 10}")
    assert mistakes_in(borrowing.replace("per_user: {cores: 4}", "per_user: {cores: 18}")) == ()
    assert (
        "18 cores for the whole group"
        in mistakes_in(borrowing.replace("per_user: {cores: 4}", "per_user: {cores: 19}"))[0]
    )


def test_groups_may_share_a_match() -> None:
    """Two policy groups may match the same SSO group."""
    text = BASE.replace("administrators:", "  twin: {match: [/research], profiles: [small]}\nadministrators:")
    assert mistakes_in(text) == ()


@pytest.mark.parametrize(
    ("dates", "words"),
    [(("2026-01-01", "2025-01-01"), "oldest first"), (("2026-01-01", "2026-01-01"), "stands twice")],
    ids=["unsorted", "repeated"],
)
def test_price_dates_ascend(dates: tuple[str, str], words: str) -> None:
    """Price entries stand in the order of their dates, each date once."""
    entries = "".join(f"  - {{from: {day}, gpu_hour: {{l4: 1}}}}\n" for day in dates)
    head, tail = BASE.split("prices:\n")
    told = mistakes_in(head + "prices:\n" + entries + tail[tail.index("profiles:") :])
    assert [words in mistake and mistake.startswith("prices[1].from (line 5)") for mistake in told] == [True]


@pytest.mark.parametrize(("day", "told"), [("2026-11-10", 1), ("2026-12-01", 0)], ids=["within a month", "between two"])
def test_a_currency_changes_between_two_months(day: str, told: int) -> None:
    """A price entry may have another currency from the first of a month on; otherwise a remedy is told."""
    entry = f"  - {{from: {day}, currency: EUR, gpu_hour: {{l4: 1}}}}\n"
    head, tail = BASE.split("profiles:\n  small")
    mistakes = mistakes_in(head + entry + "profiles:\n  small" + tail)

    assert len(mistakes) == told
    for mistake in mistakes:
        assert mistake.startswith("prices[1].from (line 7): 2026-11-10 changes the currency from USD to EUR")
        assert mistake.endswith("let it begin on the first of one")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("just words", "holds no keys"),
        ("- a\n- b\n", "holds no keys"),
        ("~", "is empty"),
    ],
    ids=["empty", "comment", "words", "list", "null"],
)
def test_file_without_keys(text: str, words: str) -> None:
    """A file that holds no policy at all gets one sentence."""
    told = mistakes_in(text)
    assert words in told[0]


def test_endless_alias_is_a_mistake() -> None:
    """A list that contains itself ends in a mistake, not in an endless loop."""
    told = mistakes_in(BASE.replace("match: [/research]", "match: &a [*a]"))
    assert any("without end" in mistake for mistake in told)


def test_exploding_aliases_are_a_mistake() -> None:
    """Aliases that multiply (the "billion laughs") end in a mistake, soon."""
    levels = "".join(f"    l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 9))
    local = f"    local:\n     l0: &l0 [x]\n{levels.replace('    l', '     l')}    cores: 1\n    memory"
    told = mistakes_in(BASE.replace("    cores: 1\n    memory", local, 1))
    assert any("without end" in mistake for mistake in told)


@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>'\"%@`#,~?\n\t 0.1é\x00"), max_size=60))
def test_any_text_is_answered(text: str) -> None:
    """Whatever the text is, the answer is a policy or mistakes, never another error."""
    assert mistakes_in(text)
    mistakes_in(BASE + text)
    mistakes_in(BASE.replace("small", text, 1))

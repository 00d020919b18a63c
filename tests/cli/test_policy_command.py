"""``gatehouse policy`` checks, explains and describes a policy; each answer ends with the exit code that fits it."""

import json
from pathlib import Path

import pytest
import yaml

from hub_ext import __version__
from hub_ext.cli.main import Gatehouse, main
from hub_ext.cli.policy import CheckCommand, ExplainCommand, KubernetesCommand, PolicyCommand, SchemaCommand
from hub_ext.policy.schema import schema_text

POLICIES = Path(__file__).parents[1] / "policies"


def run(*words: str) -> int:
    """Run the command line in this process; return its exit code."""
    for command in (Gatehouse, PolicyCommand, CheckCommand, ExplainCommand, KubernetesCommand, SchemaCommand):
        command.clear_instance()  # traitlets keeps one of each for the process
    try:
        main([*words])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def test_good_policy_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    """A good policy is one line on standard output, and exit code 0."""
    assert run("policy", "check", str(POLICIES / "minimal.yaml")) == 0
    out, err = capsys.readouterr()
    assert out.endswith("is good: 1 group, 1 profile, 0 cohorts, prices from 2026-01-01, version 007cf598d9c6\n")
    assert (out.count("\n"), err) == (1, "")


def test_all_mistakes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake is a line on standard error, and the exit code is 1."""
    assert run("policy", "check", str(POLICIES / "broken.yaml")) == 1
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert (out, len(lines)) == ("", 6)
    assert lines[2] == "groups.analysts.quota.core (line 12): is no known key; did you mean 'cores'?"
    assert lines[-1].endswith("broken.yaml: 5 mistakes, nothing of it is in force")


def test_missing_file_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is one sentence, and exit code 1."""
    assert run("policy", "check", "nowhere.yaml") == 1
    assert capsys.readouterr().err == "nowhere.yaml cannot be read: No such file or directory\n"


def test_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is no policy file."""
    assert run("policy", "check", str(tmp_path)) == 1
    assert capsys.readouterr().err == f"{tmp_path} cannot be read: Is a directory\n"


def test_other_encoding_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not UTF-8 is told by its first wrong byte."""
    file = tmp_path / "policy.yaml"
    file.write_bytes("title: Grün".encode("latin-1"))
    assert run("policy", "check", str(file)) == 1
    assert "byte 10 is not UTF-8" in capsys.readouterr().err


def test_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The schema is printed as the text of its file."""
    assert run("policy", "schema") == 0
    assert capsys.readouterr().out == schema_text()


def test_explanation_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """An explanation tells what a person in some groups may start."""
    assert run("policy", "explain", str(POLICIES / "minimal.yaml"), "--groups", "/a,/b") == 0
    out = capsys.readouterr().out
    assert out.startswith("A person in /a, /b\n")
    assert "  server   Small (small): 1 core + 2 GiB, $0.04/h" in out


def test_explanation_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``--json`` the explanation is data."""
    assert run("policy", "explain", str(POLICIES / "minimal.yaml"), "--groups=/a", "--json") == 0
    assert json.loads(capsys.readouterr().out)["charged_by_default"] == "everybody"


def test_backstop_is_yaml_for_kubectl(capsys: pytest.CaptureFixture[str]) -> None:
    """The backstop is YAML on standard output; what is left out is a sentence on standard error."""
    words = ("--namespace", "lab", "--percent=0", "--own-cores=1", "--own-memory=1 GiB", "--own-pods=2")
    assert run("policy", "kubernetes", str(POLICIES / "full.yaml"), *words) == 0
    out, err = capsys.readouterr()
    quota, limits = yaml.safe_load_all(out)
    assert (quota["kind"], limits["kind"], err) == ("ResourceQuota", "LimitRange", "")
    assert quota["spec"]["hard"]["requests.cpu"] == "345"
    assert run("policy", "kubernetes", str(POLICIES / "minimal.yaml")) == 0
    out, err = capsys.readouterr()
    assert "# requests.cpu is left out: nothing bounds cores of groups.everybody." in out
    assert err.splitlines()[0] == (
        "requests.cpu is left out: nothing bounds cores of groups.everybody. Give it a quota of cores."
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("policy", "kubernetes"), "gatehouse policy kubernetes: one policy file is needed, 0 are named"),
        (
            ("policy", "kubernetes", "x", "--percent=ten"),
            "gatehouse policy kubernetes: --percent 'ten' is not a number",
        ),
        (
            ("policy", "kubernetes", "x", "--own-pods=-1"),
            "gatehouse policy kubernetes: --own-pods '-1' is not a number from 0 on",
        ),
        (
            ("policy", "kubernetes", "x", "--own-memory=2"),
            "gatehouse policy kubernetes: --own-memory '2' is not a size; write 512 MiB, 2 GiB or 1 TiB",
        ),
        (("polcy",), "gatehouse: there is no subcommand 'polcy'; did you mean 'policy'?"),
        (("policy", "chek"), "gatehouse policy: there is no subcommand 'chek'; did you mean 'check'?"),
        (("policy", "check"), "gatehouse policy check: one policy file is needed, 0 are named"),
        (("policy", "check", "a", "b"), "gatehouse policy check: one policy file is needed, 2 are named"),
        (("policy", "check", "--jsn", "a"), "gatehouse policy check: there is no option '--jsn'"),
        (
            ("policy", "explain", "a", "--jsn"),
            "gatehouse policy explain: there is no option '--jsn'; did you mean '--json'?",
        ),
        (("policy", "explain", "a"), "gatehouse policy explain: name the person's SSO groups with --groups"),
        (("policy", "schema", "a"), "gatehouse policy schema: it takes no file"),
        (("--verson",), "gatehouse: there is no option '--verson'; did you mean '--version'?"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_wrong_command_line(words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong command line is one sentence that names the command, the way to its help, and exit code 2."""
    assert run(*words) == 2
    told, more, *rest = capsys.readouterr().err.splitlines()
    assert told.startswith(sentence)
    assert (more, rest) == (f"Read more with: {sentence.split(':', maxsplit=1)[0]} --help", [])


def test_nameless_group_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A group without a name cannot be explained."""
    assert run("policy", "explain", str(POLICIES / "minimal.yaml"), "--groups", "/a,/") == 2
    assert "holds something that names no group" in capsys.readouterr().err


@pytest.mark.parametrize("words", [(), ("policy",)], ids=["gatehouse", "gatehouse policy"])
def test_no_subcommand_prints_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a subcommand the help is printed, and the exit code says that nothing was done."""
    assert run(*words) == 2
    out = capsys.readouterr().out
    assert "Subcommands" in out
    assert "gatehouse policy check" in out


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is that of the distribution."""
    assert run("--version") == 0
    assert capsys.readouterr().out == f"{__version__}\n"

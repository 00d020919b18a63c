"""``gatehouse policy``: what an administrator does with the policy file before it is merged."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from traitlets import Bool, Unicode
from traitlets.config import Application

from hub_ext import __version__
from hub_ext.cli.usage import USAGE_ERROR, refuse_unknown_options, usage_error
from hub_ext.contract.errors import PolicyMistakes
from hub_ext.contract.identity import Identity
from hub_ext.contract.units import parse_size
from hub_ext.policy.backstop import Own, backstop
from hub_ext.policy.document import Policy
from hub_ext.policy.explaining import explain, explanation_text
from hub_ext.policy.reading import policy_version, read_policy
from hub_ext.policy.resolving import resolve
from hub_ext.policy.schema import schema_text


class _Command(Application):
    """What the policy's subcommands have in common."""

    version = __version__
    aliases: dict[str, Any] = {}
    flags: dict[str, Any] = {}

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        refuse_unknown_options(self, argv or [])
        super().parse_command_line(argv)

    def read(self) -> tuple[Policy, str]:
        """Return the policy of the one file that is named, and its version; otherwise exit with the reason."""
        if len(self.extra_args) != 1:
            usage_error(self, f"one policy file is needed, {len(self.extra_args)} are named")
        file = self.extra_args[0]
        try:
            text = Path(file).read_text(encoding="utf-8")
        except OSError as error:
            _fail(f"{file} cannot be read: {error.strerror or error}")
        except UnicodeDecodeError as error:
            _fail(f"{file} cannot be read: byte {error.start + 1} is not UTF-8; save the file as UTF-8 text")
        try:
            return read_policy(text), policy_version(text)
        except PolicyMistakes as error:
            count = len(error.mistakes)
            _fail(*error.mistakes, f"{file}: {count} mistake{'s' if count != 1 else ''}, nothing of it is in force")


def _fail(*lines: str) -> NoReturn:
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(1)


class CheckCommand(_Command):
    """Read a policy file."""

    name = "check"
    description = "Read a policy file. Exit 0 with a summary, or exit 1 with every mistake: path, line, remedy."
    examples = "gatehouse policy check policy.yaml"

    def start(self) -> None:
        """Print the summary."""
        policy, version = self.read()
        counts = (("group", len(policy.groups)), ("profile", len(policy.profiles)), ("cohort", len(policy.cohorts)))
        covers = ", ".join(f"{count} {noun}{'s' if count != 1 else ''}" for noun, count in counts)
        print(f"{self.extra_args[0]} is good: {covers}, prices from {policy.prices[0].since}, version {version}")


class SchemaCommand(_Command):
    """Print the JSON Schema."""

    name = "schema"
    description = "Print the JSON Schema of the policy file, for editors and other tools."
    examples = "gatehouse policy schema > docs/reference/policy.schema.json"

    def start(self) -> None:
        """Print the schema."""
        if self.extra_args:
            usage_error(self, "it takes no file")
        print(schema_text(), end="")


class ExplainCommand(_Command):
    """Explain a policy."""

    name = "explain"
    description = "Say what a person in some SSO groups may start, use and spend, and at what price today."
    examples = """
gatehouse policy explain policy.yaml --groups /research,/gpu
gatehouse policy explain policy.yaml --groups /research --json
"""
    groups = Unicode(help="SSO groups of the person, separated by commas: /research,/gpu").tag(config=True)
    as_json = Bool(default_value=False, help="Print JSON instead of text.").tag(config=True)
    aliases = {"groups": "ExplainCommand.groups"}
    flags = {"json": ({"ExplainCommand": {"as_json": True}}, "Print JSON instead of text.")}

    def start(self) -> None:
        """Print the explanation."""
        names = tuple(name for name in self.groups.split(",") if name.strip())
        if not names:
            usage_error(self, "name the person's SSO groups with --groups /research,/gpu")
        policy, _ = self.read()
        try:
            identity = Identity(name="somebody", groups=names)
        except ValidationError:
            usage_error(self, f"{self.groups!r} holds something that names no group")
        entitlement, now = resolve(policy, identity), datetime.now(UTC)
        if self.as_json:
            print(json.dumps(explain(policy, entitlement, now=now), indent=2))
        else:
            print(explanation_text(policy, entitlement, now=now))


class KubernetesCommand(_Command):
    """Write the policy's backstop for Kubernetes."""

    name = "kubernetes"
    description = (
        "Print a ResourceQuota and a LimitRange for the namespace in which the policy's servers and clusters run, some "
        "percent above all that the policy can give out: a backstop for what goes past Gatehouse. What nothing in the "
        "policy bounds is left out, and said on standard error."
    )
    examples = """
gatehouse policy kubernetes policy.yaml --namespace gatehouse > backstop.yaml
gatehouse policy kubernetes policy.yaml --own-cores 8 --own-memory "16 GiB" --own-pods 30 | kubectl apply -f -
"""
    namespace = Unicode("gatehouse", help="The namespace of servers and clusters.").tag(config=True)
    percent = Unicode("10", help="How much above the policy, in percent.").tag(config=True)
    own_cores = Unicode("0", help="Cores that the product's own pods in the namespace ask for; added as they are.").tag(
        config=True
    )
    own_memory = Unicode("0 B", help="Memory of the product's own pods in the namespace: 16 GiB.").tag(config=True)
    own_pods = Unicode("0", help="How many pods of the product itself are in the namespace.").tag(config=True)
    aliases = {
        "namespace": "KubernetesCommand.namespace",
        "percent": "KubernetesCommand.percent",
        "own-cores": "KubernetesCommand.own_cores",
        "own-memory": "KubernetesCommand.own_memory",
        "own-pods": "KubernetesCommand.own_pods",
    }

    def start(self) -> None:
        """Print the objects, and on standard error what is left out."""
        percent = self._number("percent", self.percent)
        own = Own(
            cores=self._number("own-cores", self.own_cores),
            memory=self._size(),
            pods=int(self._number("own-pods", self.own_pods)),
        )
        policy, version = self.read()
        made = backstop(policy, self.namespace, percent=percent, own=own)
        command = f"gatehouse policy kubernetes {Path(self.extra_args[0]).name}"
        print(made.text(f"Written by {command}, from policy {version}. Apply it again after a change."), end="")
        for notice in made.notices:
            print(notice, file=sys.stderr)

    def _number(self, option: str, text: str) -> Decimal:
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            usage_error(self, f"--{option} {text!r} is not a number")
        if not number.is_finite() or number < 0:
            usage_error(self, f"--{option} {text!r} is not a number from 0 on")
        return number

    def _size(self) -> int:
        try:
            return parse_size(self.own_memory)
        except ValueError as error:
            usage_error(self, f"--own-memory {error}")


class PolicyCommand(_Command):
    """Start one of the policy's subcommands."""

    name = "policy"
    description = "Check and explain a policy file, write its backstop for Kubernetes, and print its JSON Schema."
    examples = """
gatehouse policy check policy.yaml
gatehouse policy explain policy.yaml --groups /research,/gpu
gatehouse policy kubernetes policy.yaml --namespace gatehouse | kubectl apply -f -
gatehouse policy schema > policy.schema.json
"""
    subcommand_description = "Call `gatehouse policy SUBCOMMAND --help` to read more about one of them."
    subcommands = {
        "check": (CheckCommand, "Read a policy file; every mistake at once, with path, line and remedy."),
        "explain": (ExplainCommand, "What a person in some SSO groups may start, use and spend."),
        "kubernetes": (KubernetesCommand, "A ResourceQuota and a LimitRange above all that the policy can give out."),
        "schema": (SchemaCommand, "The policy's JSON Schema, for editors."),
    }

    def start(self) -> None:
        """Start the subcommand; without one, print the help and fail."""
        if self.subapp is None:
            self.print_help()
            sys.exit(USAGE_ERROR)
        self.subapp.start()

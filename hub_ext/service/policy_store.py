"""The policy in force: read from its file, and read again when the file changes.

A changed file with mistakes never stops the service: the last good policy stays in force, and the mistakes are kept for
the metrics and the admin page.
"""

import logging
from pathlib import Path

from hub_ext import clock
from hub_ext.contract.errors import PolicyMistakes, Unavailable
from hub_ext.policy.document import Policy
from hub_ext.policy.reading import policy_version, read_policy

log = logging.getLogger(__name__)


class PolicyStore:
    """One policy file.

    Args:
        path: the administrator's YAML file.

    Raises:
        Unavailable: the file cannot be read.
        PolicyMistakes: the first reading found mistakes; without any good policy there is nothing to serve.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: tuple[str, ...] = ()
        text = self._text()
        self._seen = text
        self.policy: Policy = read_policy(text)
        self.version = policy_version(text)
        self.loaded_at = clock.now()

    def refresh(self) -> bool:
        """Read the file again if its text has changed; return whether a new policy is in force."""
        try:
            text = self._text()
        except Unavailable as error:
            self.mistakes = (error.message,)
            return False
        if text == self._seen:
            return False
        self._seen = text
        try:
            policy = read_policy(text)
        except PolicyMistakes as error:
            self.mistakes = error.mistakes
            log.warning("The changed policy is not loaded; %s stays in force. %s", self.version, error.line)
            return False
        self.policy, self.version, self.mistakes = policy, policy_version(text), ()
        self.loaded_at = clock.now()
        log.info("Policy %s is in force", self.version)
        return True

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(f"The policy file {self.path} cannot be read: {error}") from error

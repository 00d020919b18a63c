"""A wrong command line ends with one sentence and exit code 2, as programs on Linux do."""

import sys
from difflib import get_close_matches
from typing import NoReturn

from traitlets.config import Application

USAGE_ERROR = 2
_BUILT_IN = ("help", "help-all", "version", "debug", "h", "V")


def usage_error(app: Application, sentence: str) -> NoReturn:
    """Print what is wrong with the command line, and how to read more, then exit."""
    command = command_of(app)
    print(f"{command}: {sentence}\nRead more with: {command} --help", file=sys.stderr)
    sys.exit(USAGE_ERROR)


def refuse_unknown_options(app: Application, words: list[str]) -> None:
    """End with a usage error where the first word is no subcommand, or an option is not known.

    traitlets would pass over both in silence or with a log line.
    """
    if app.subcommands and words and not words[0].startswith("-"):
        if words[0] not in app.subcommands and words[0] != "help":
            usage_error(app, _unknown("there is no subcommand", words[0], list(app.subcommands)))
        return
    known = [*_BUILT_IN, *_names(app.aliases), *_names(app.flags)]
    shown = [f"--{name}" for name in known if len(name) > 1]
    for word in words[: words.index("--")] if "--" in words else words:
        option = word.lstrip("-").split("=")[0]
        if word.startswith("-") and option and "." not in option and option not in known:
            usage_error(app, _unknown("there is no option", word.split("=")[0], shown))


def _names(options: dict[str | tuple[str, ...], object]) -> list[str]:
    return [name for names in options for name in ((names,) if isinstance(names, str) else names)]


def _unknown(what: str, word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"{what} {word!r}" + (f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(known)}")


def command_of(app: Application) -> str:
    """Return what was typed to call it, without options."""
    names = [app.name]
    while isinstance(app.parent, Application):
        app = app.parent
        names.insert(0, app.name)
    return " ".join(names)

"""Faults that a test switches on, read anew each time one is asked for: /etc/dcv-standin/faults.json (README.md lists
them). No file means no faults; a file that cannot be understood is an error, so that no test passes by a typo."""
import json

from . import paths

KNOWN = {
    # The unit is active at once, but `dcv` and the web side answer only after this many seconds.
    "slow-start-seconds": (int, float),
    # create-session takes this many seconds longer.
    "slow-create-seconds": (int, float),
    # create-session fails with "Could not create session. TEXT".
    "create-fails": str,
    # create-session fails as it does without a licence.
    "no-licence": bool,
    # … and the server's log says why, with this message.
    "licence-log": str,
    # create-session does not know these options, as an older version does not.
    "unknown-options": list,
    # A session is created, then ends by itself after this many seconds …
    "session-dies-after-seconds": (int, float),
    # … with this message in its agent's log.
    "session-dies-message": str,
    # `dcv` cannot reach the system bus.
    "no-bus": bool,
    # The package nice-dcv-web-viewer is missing: / answers 404.
    "no-web-viewer": bool,
    # The server takes connections and never answers.
    "web-hangs": bool,
    # describe-session prints the shape of the documentation instead of the one seen in the field.
    "documented-describe": bool,
    # list-sessions prints ids without quotes.
    "unquoted-ids": bool,
    # list-sessions prints names without quotes.
    "unquoted-names": bool,
    # JSON has the keys of the documentation's object and no others, and a licence's state is in lower case.
    "documented-json": bool,
    # No command knows --json.
    "text-only": bool,
    # Times in JSON without fractions of a second.
    "whole-seconds": bool,
    # close-connection takes --session and --connection instead of two words.
    "close-connection-options": bool,
    # This is close-connection's help.
    "close-connection-help": str,
    # dcvsimpleextauth takes no token back.
    "no-remove-auth": bool,
    # Another version's text for `dcv version` and /version.
    "version": str,
    # All that a version is like: one of VERSIONS. Other switches go before what it sets.
    "like": str,
}

# --disable-login-monitor is on record with 2025.0.
_OLDER = {"unknown-options": ["disable-login-monitor"]}
# What is on record of which version, and what is not: README.md.
VERSIONS = {
    "2021": {"version": "2021.3 (r11591)", **_OLDER},
    "2022": {"version": "2022.2 (r14521)", **_OLDER, "unquoted-ids": True},
    "2023": {
        **{"version": "2023.0 (r14852)", **_OLDER, "unquoted-ids": True},
        **{"documented-describe": True, "documented-json": True, "whole-seconds": True},
    },
    "2024": {"version": "2024.0 (r19030)", **_OLDER, "unquoted-names": True},
    "2025": {"version": "2025.0 (r20103)"},
}


class FaultsError(Exception):
    pass


def fault(name):
    """The value of one fault switch, or None when it is off."""
    if name not in KNOWN:
        raise FaultsError(f"no such fault: {name}")
    try:
        with open(paths.FAULTS, encoding="utf-8") as file:
            faults = json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise FaultsError(f"{paths.FAULTS}: {error}") from error
    if not isinstance(faults, dict):
        raise FaultsError(f"{paths.FAULTS}: not an object")
    for key, value in faults.items():
        if key not in KNOWN:
            raise FaultsError(f"{paths.FAULTS}: no such fault: {key}")
        if not isinstance(value, KNOWN[key]):
            raise FaultsError(f"{paths.FAULTS}: {key} has a wrong type")
    like = faults.get("like")
    if like is not None and like not in VERSIONS:
        raise FaultsError(f"{paths.FAULTS}: no such version: {like}")
    return {**VERSIONS.get(like, {}), **faults}.get(name) or None

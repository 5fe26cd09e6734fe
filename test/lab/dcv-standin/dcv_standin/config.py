"""dcv.conf: a GKeyFile whose values are GVariant text, with the documented defaults. A value that is not of its key's
type counts as not set (GSettings does the same) and is told to the caller, who logs it."""
import ast
import re

from . import paths

# (section, key): (type, default). Types: s string, b boolean, i integer, as list of strings, a(ss) list of pairs.
SCHEMA = {
    ("connectivity", "web-port"): ("i", 8443),
    ("connectivity", "web-listen-endpoints"): ("as", ["0.0.0.0", "::"]),
    ("connectivity", "quic-listen-endpoints"): ("as", ["0.0.0.0", "::"]),
    ("connectivity", "web-url-path"): ("s", "/"),
    ("connectivity", "web-root"): ("s", ""),
    ("connectivity", "web-use-hsts"): ("b", True),
    ("connectivity", "web-x-frame-options"): ("s", "DENY"),
    ("connectivity", "web-extra-http-headers"): ("a(ss)", []),
    ("connectivity", "enable-quic-frontend"): ("b", False),
    ("connectivity", "quic-port"): ("i", 8443),
    ("connectivity", "idle-timeout"): ("i", 60),
    ("connectivity", "idle-timeout-warning"): ("i", 350),
    ("connectivity", "ws-keepalive-interval"): ("i", 10),
    ("security", "authentication"): ("s", "system"),
    ("security", "pam-service-name"): ("s", "dcv"),
    ("security", "auth-token-verifier"): ("s", ""),
    ("security", "auth-token-verifier-timeout"): ("i", 100),
    ("security", "no-tls-strict"): ("b", False),
    ("security", "ca-file"): ("s", ""),
    ("security", "allowed-http-host-regex"): ("s", "^.+$"),
    ("security", "allowed-ws-origin-regex"): ("s", "^https://.+$"),
    ("security", "authentication-threshold"): ("i", 3),
    ("security", "max-connections-per-user"): ("i", 10),
    ("security", "connection-estab-timeout"): ("i", 5),
    ("security", "connection-setup-timeout"): ("i", 5),
    ("security", "auth-connection-setup-timeout"): ("i", 120),
    ("security", "ciphers"): (
        "s",
        "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384",
    ),
    ("security", "os-auto-lock"): ("b", True),
    ("security", "server-fqdn"): ("s", ""),
    ("security", "administrators"): ("as", []),
    ("session-management", "create-session"): ("b", False),
    ("session-management", "enable-gl-in-virtual-sessions"): ("s", "default-on"),
    ("session-management", "max-concurrent-clients"): ("i", -1),
    ("session-management", "max-concurrent-sessions"): ("i", 0),
    ("session-management", "max-sessions-per-user"): ("i", 0),
    ("session-management", "virtual-session-xdcv-args"): ("s", ""),
    ("session-management", "virtual-session-source-profile"): ("b", False),
    ("session-management", "virtual-session-font-path"): ("s", ""),
    ("session-management/defaults", "permissions-file"): ("s", ""),
    ("session-management/automatic-console-session", "owner"): ("s", ""),
    ("session-management/automatic-console-session", "permissions-file"): ("s", ""),
    ("session-management/automatic-console-session", "storage-root"): ("s", ""),
    ("session-management/automatic-console-session", "max-concurrent-clients"): ("i", -1),
    ("session-management/automatic-console-session", "client-eviction-policy"): ("s", "reject-new-connection"),
    ("license", "license-file"): ("s", ""),
    ("log", "level"): ("s", "info"),
    ("log", "directory"): ("s", ""),
    ("log", "rotate"): ("i", 10),
    ("log", "max-file-size"): ("i", 0),
    ("log", "rotation-interval"): ("s", "none"),
    ("log", "rotation-suffix"): ("s", "counter"),
    ("log", "transfer-audit"): ("s", "none"),
}

ALLOWED = {
    ("connectivity", "web-port"): lambda value: 1024 <= value <= 65535,
    ("connectivity", "web-url-path"): lambda value: value.startswith("/"),
    ("security", "authentication"): lambda value: value in ("system", "none"),
    ("log", "level"): lambda value: value in ("error", "warn", "info", "debug"),
}


class InvalidValue(ValueError):
    pass


def parse_keyfile(text):
    """The raw values: {(section, key): text}. Of two equal keys the last one wins; what is no line of one is skipped."""
    raw = {}
    section = None
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        header = re.fullmatch(r"\[([^\[\]]+)\]", line)
        if header:
            section = header.group(1)
            continue
        key, equals, value = line.partition("=")
        if section is not None and equals:
            raw[(section, key.strip())] = value.strip()
    return raw


def parse_value(kind, text):
    """GVariant text of the given type to a Python value. Raises InvalidValue."""
    if kind == "b":
        if text in ("true", "false"):
            return text == "true"
        raise InvalidValue(f"{text!r} is not true or false")
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise InvalidValue(f"cannot parse {text!r}") from error
    if kind == "s":
        good = isinstance(value, str)
    elif kind == "i":
        good = isinstance(value, int) and not isinstance(value, bool)
    elif kind == "as":
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    else:
        good = isinstance(value, list) and all(
            isinstance(item, tuple) and len(item) == 2 and all(isinstance(part, str) for part in item)
            for item in value
        )
    if not good:
        raise InvalidValue(f"{text!r} is not of type '{kind}'")
    return value


def format_value(value):
    """A Python value as GVariant text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, list):
        return "[" + ", ".join(format_value(item) for item in value) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(format_value(item) for item in value) + ")"
    return str(value)


def check(section, key, text):
    """The value that `text` means for a known key. Raises InvalidValue, KeyError for an unknown key."""
    kind, _default = SCHEMA[(section, key)]
    value = parse_value(kind, text)
    allowed = ALLOWED.get((section, key))
    if allowed is not None and not allowed(value):
        raise InvalidValue(f"{text} is out of range")
    return value


class Config:
    """The configuration as it was when it was read."""

    def __init__(self, text):
        self.problems = []
        self._values = {}
        for (section, key), raw in parse_keyfile(text).items():
            if (section, key) not in SCHEMA:
                continue
            try:
                self._values[(section, key)] = check(section, key, raw)
            except InvalidValue as error:
                self.problems.append(f"Invalid value for '{section}/{key}', using the default: {error}")

    def get(self, section, key):
        _kind, default = SCHEMA[(section, key)]
        return self._values.get((section, key), default)

    def all(self):
        return {name: self.get(*name) for name in SCHEMA}


def load():
    try:
        with open(paths.CONF, encoding="utf-8", errors="replace") as file:
            return Config(file.read())
    except FileNotFoundError:
        return Config("")


def with_value(text, section, key, value):
    """The file's text with one key set; comments and everything else stay."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.strip() == f"[{section}]"), None)
    if start is None:
        return "\n".join([*lines, *([""] if lines else []), f"[{section}]", f"{key}={value}", ""])
    end = next((n for n in range(start + 1, len(lines)) if lines[n].strip().startswith("[")), len(lines))
    for n in range(start + 1, end):
        if not lines[n].strip().startswith("#") and lines[n].partition("=")[0].strip() == key:
            lines[n] = f"{key}={value}"
            return "\n".join([*lines, ""])
    return "\n".join([*lines[: start + 1], f"{key}={value}", *lines[start + 1 :], ""])

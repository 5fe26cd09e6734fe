"""`dcv`: the command line. It checks what it can see (options, files), asks dcvserver, and prints the answer in the
recorded shapes. dcvserver learns who asks from the socket, so sudo or not is all the difference."""
import json
import os
import sys

from . import glib, lines, paths
from .faults import FaultsError, fault

NOT_RUNNING = "The dcvserver service is not running"
NO_BUS = (
    "Could not get the system bus: Exhausted all available authentication mechanisms "
    "(tried: EXTERNAL, DBUS_COOKIE_SHA1, ANONYMOUS) (available: EXTERNAL, DBUS_COOKIE_SHA1, ANONYMOUS)"
)


class Option:
    """A long option, its short form, and the placeholder of its value (None: a switch)."""

    def __init__(self, name, value=None, short=None, help=""):
        self.name, self.value, self.short, self.help = name, value, short, help


class Command:
    def __init__(self, run, summary, options=(), arguments="", count=(0, 0)):
        self.run, self.summary, self.options, self.arguments, self.count = run, summary, options, arguments, count


class Usage(Exception):
    """The command line cannot be understood; the help is printed with it."""


class Failure(Exception):
    """The command failed; the message goes to stderr and the exit code is 1."""


JSON = Option("json", short="j", help="Print JSON")
SESSION = Option("session", "SESSION", help="The session's id")


def parse(command, argv):
    """(options, positional arguments); options may stand before, between and after the arguments."""
    by_flag = {f"--{option.name}": option for option in command.options}
    by_flag.update({f"-{option.short}": option for option in command.options if option.short})
    options, positional = {}, []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            positional.extend(rest)
            break
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        flag, equals, value = word.partition("=")
        option = by_flag.get(flag)
        if option is None:
            raise Usage(f"Unknown option {word}")
        if option.value is None:
            if equals:
                raise Usage(f"Option {flag} takes no value")
            options[option.name] = True
            continue
        if not equals:
            if not rest:
                raise Usage(f"Missing argument for {flag}")
            value = rest.pop(0)
        options[option.name] = value
    least, most = command.count
    if len(positional) < least:
        raise Usage(f"Missing {command.arguments.split()[len(positional)]}")
    if len(positional) > most:
        raise Usage(f"Unexpected argument {positional[most]}")
    return options, positional


def help_text(name, command):
    rows = [("-h, --help", "Show help options")]
    for option in command.options:
        short = f"-{option.short}, " if option.short else ""
        value = f"={option.value}" if option.value else ""
        rows.append((f"{short}--{option.name}{value}", option.help))
    width = max(len(left) for left, _right in rows) + 4
    arguments = f" {command.arguments}" if command.arguments else ""
    text = f"Usage:\n  dcv {name} [OPTION…]{arguments}\n\n{command.summary}\n"
    return text + "\nOptions:\n" + "".join(f"  {left:<{width}}{right}\n" for left, right in rows)


def ask(action, request):
    """dcvserver's answer. `action` begins the message of a failure: "Could not create session"."""
    if fault("no-bus"):
        raise Failure(f"{action}. {NO_BUS}")
    try:
        answer = lines.ask(paths.CONTROL, request, timeout=120)
    except OSError as error:
        raise Failure(f"{action}. {NOT_RUNNING}") from error
    if "error" in answer:
        raise Failure(answer["error"] if answer.get("whole") else f"{action}. {answer['error']}")
    return answer["result"]


def print_json(value):
    print(json.dumps(value, indent=2, ensure_ascii=False))


# --- sessions


def create_session(options, positional):
    action = "Could not create session"
    name = options.get("name", "")
    if len(name) > 256:
        raise Failure(f"{action}. The session name is longer than 256 characters")
    kind = options.get("type", "virtual")
    if kind not in ("console", "virtual"):
        raise Usage(f"Invalid session type '{kind}'")
    for option in ("user", "gl", "init"):
        if kind == "console" and option in options:
            raise Failure(f"{action}. Option --{option} is supported with virtual sessions only")
    if options.get("gl", "on") not in ("on", "off"):
        raise Usage(f"Invalid value '{options['gl']}' for --gl")
    clients = options.get("max-concurrent-clients", "-1")
    if not clients.removeprefix("-").isdigit():
        raise Usage(f"Invalid value '{clients}' for --max-concurrent-clients")
    init = os.path.abspath(options["init"]) if "init" in options else None
    if init is not None and not (os.path.isfile(init) and os.access(init, os.X_OK)):
        raise Failure(f"{action}. The init script '{options['init']}' is not an executable file")
    permissions = os.path.abspath(options["permissions-file"]) if "permissions-file" in options else None
    if permissions is not None and not os.access(permissions, os.R_OK):
        raise Failure(f"{action}. The permissions file '{options['permissions-file']}' cannot be read")
    ask(
        action,
        {
            "command": "create-session",
            "id": positional[0],
            "type": kind,
            "name": name,
            "user": options.get("user"),
            "owner": options.get("owner"),
            "permissions-file": permissions,
            "storage-root": options.get("storage-root", ""),
            "gl": options.get("gl"),
            "max-concurrent-clients": int(clients),
            "init": init,
            "login-monitor": "disable-login-monitor" not in options,
        },
    )


def list_sessions(options, _positional):
    sessions = ask("Could not list sessions", {"command": "list-sessions"})
    if "json" in options:
        print_json(sessions)
        return
    if not sessions:
        print("There are no sessions available.")
    for session in sessions:
        shown = session["id"] if fault("unquoted-ids") else f"'{session['id']}'"
        name = session["name"] if fault("unquoted-names") else f"'{session['name']}'"
        more = f" name:{name}" if session["name"] else ""
        print(f"Session: {shown} (owner:{session['owner']} type:{session['type']}{more})")


def describe_session(options, positional):
    session = ask("Could not describe session", {"command": "describe-session", "id": positional[0]})
    if "json" in options:
        print_json(session)
        return
    layout = ",".join("{width}x{height}+{x}+{y}".format(**head) for head in session["display-layout"])
    facts = [("owner", session["owner"])]
    if session["name"]:
        facts.append(("name", session["name"]))
    if session.get("x11-display"):
        facts += [("x display", session["x11-display"]), ("x authority", session["x11-authority"])]
    facts.append(("display layout", layout))
    if fault("documented-describe"):
        print(f"Session: {session['id']}")
        for key, value in facts:
            print(f"  {key}: {value}")
    else:
        print("Session:")
        for key, value in [("id", session["id"]), *facts]:
            print(f"        {key}: {value}")


def close_session(_options, positional):
    ask("Could not close session", {"command": "close-session", "id": positional[0]})


def list_connections(options, positional):
    connections = ask("Could not list connections", {"command": "list-connections", "id": positional[0]})
    if "json" in options:
        print_json(connections)
        return
    if not connections:
        print("There are no connections available.")
    for connection in connections:
        print(
            f"Connection: {connection['id']} (username:{connection['username']} "
            f"client-address:{connection['client-address']} transport:{connection['transport']})"
        )


def close_connection(_options, positional):
    if not positional[1].isdigit():
        raise Usage(f"Invalid connection id '{positional[1]}'")
    ask(
        "Could not close connection",
        {"command": "close-connection", "id": positional[0], "connection": int(positional[1])},
    )


def set_name(options, _positional):
    if "session" not in options or ("name" in options) == ("none" in options):
        raise Usage("Specify --session and one of --name and --none")
    name = options.get("name", "")
    if len(name) > 256:
        raise Failure("Could not set name. The session name is longer than 256 characters")
    ask("Could not set name", {"command": "set-name", "id": options["session"], "name": name})


def set_permissions(options, _positional):
    chosen = [name for name in ("none", "reset-builtin", "file") if name in options]
    if "session" not in options or len(chosen) != 1:
        raise Usage("Specify --session and one of --none, --reset-builtin and --file")
    file = os.path.abspath(options["file"]) if "file" in options else None
    if file is not None and not os.access(file, os.R_OK):
        raise Failure(f"Could not set permissions. The permissions file '{options['file']}' cannot be read")
    ask("Could not set permissions", {"command": "set-permissions", "id": options["session"], "file": file})


def set_storage_root(options, positional):
    if "session" not in options:
        raise Usage("Specify --session")
    ask(
        "Could not set storage root",
        {"command": "set-storage-root", "id": options["session"], "storage-root": positional[0]},
    )


def close_connection_by_options(options, _positional):
    if "session" not in options or "connection" not in options:
        raise Usage("Specify --session and --connection")
    close_connection({}, [options["session"], options["connection"]])


# --- server


def list_endpoints(options, _positional):
    endpoints = ask("Could not list endpoints", {"command": "list-endpoints"})
    if "json" in options:
        print_json(endpoints)
        return
    for endpoint in endpoints:
        print(f"Endpoint: {endpoint['address']}:{endpoint['port']} ({endpoint['protocol']})")


def reload_licenses(_options, _positional):
    ask("Could not reload licenses", {"command": "reload-licenses"})


def named(options):
    from . import config  # loaded by the few commands that need it: the others start in half the time

    section, key = options.get("section"), options.get("key")
    if section is None or key is None:
        raise Usage("Specify --section and --key")
    if (section, key) not in config.SCHEMA:
        raise Failure(f"Unknown configuration parameter '{section}/{key}'")
    return section, key


def get_config(options, _positional):
    from . import config

    ask("Could not get configuration", {"command": "ping"})
    current = config.load()
    if "all" not in options:
        print(config.format_value(current.get(*named(options))))
        return
    section = None
    for (name, key), value in sorted(current.all().items()):
        if name != section:
            section = name
            print(f"[{section}]")
        print(f"{key}={config.format_value(value)}")


def set_config(options, positional):
    from . import config

    action = "Could not set configuration"
    section, key = named(options)
    ask(action, {"command": "ping"})
    if os.geteuid() != 0:
        raise Failure(f"{action}. Permission denied")
    try:
        config.check(section, key, positional[0])
    except config.InvalidValue as error:
        raise Failure(f"{action}. Invalid value: {error}") from error
    with open(paths.CONF, encoding="utf-8") as file:
        text = config.with_value(file.read(), section, key, positional[0])
    with open(paths.CONF, "w", encoding="utf-8") as file:
        file.write(text)


def version_text():
    release = fault("version") or "2023.0 (r14852)"
    year = release.partition(".")[0]
    return f"Amazon DCV {release}\nCopyright (C) 2010-{year} NICE s.r.l.\nAll rights reserved.\n"


def version(_options, _positional):
    sys.stdout.write(version_text() + "\nThis is a stand-in for tests, not Amazon DCV.\n")


# Down here, for it uses what is above.
from . import cli_screens

COMMANDS = {
    "create-session": Command(
        create_session,
        "Create a new DCV session",
        (
            Option("type", "TYPE", help="console or virtual; default: virtual"),
            Option("name", "NAME", help="The session's name, up to 256 characters"),
            Option("user", "USER", help="The user to create the session as (virtual sessions, root only)"),
            Option("owner", "OWNER", help="The session's owner; default: the current user"),
            Option("permissions-file", "FILE", help="Permissions of the session"),
            Option("storage-root", "DIR", help="Directory for file storage; %home% is the user's home"),
            Option("gl", "on|off", help="DCV-GL (virtual sessions)"),
            Option("max-concurrent-clients", "N", help="How many clients may connect; default: unlimited"),
            Option("init", "SCRIPT", help="Executable script that starts the desktop (virtual sessions)"),
            Option("disable-login-monitor", help="Do not watch logins"),
        ),
        "session_id",
        (1, 1),
    ),
    "close-session": Command(close_session, "Close an active DCV session", (), "session_id", (1, 1)),
    "describe-session": Command(describe_session, "Describe a DCV session", (JSON,), "session_id", (1, 1)),
    "list-sessions": Command(list_sessions, "List the active DCV sessions", (JSON,)),
    "list-connections": Command(
        list_connections, "List the client connections for a DCV session", (JSON,), "session_id", (1, 1)
    ),
    "close-connection": Command(
        close_connection, "Close an active client connection", (), "session_id connection_id", (2, 2)
    ),
    "set-name": Command(
        set_name,
        "Set name for a DCV session",
        (SESSION, Option("name", "NAME", help="The new name"), Option("none", help="Remove the name")),
    ),
    "set-permissions": Command(
        set_permissions,
        "Set permissions of an active DCV session",
        (
            SESSION,
            Option("none", help="Remove all permissions"),
            Option("reset-builtin", help="Back to the server's default"),
            Option("file", "FILE", help="Permissions to set"),
        ),
    ),
    "set-storage-root": Command(
        set_storage_root, "Set storage root of an active DCV session", (SESSION,), "directory", (1, 1)
    ),
    "get-screenshot": Command(
        cli_screens.get_screenshot,
        "Get a screenshot of the DCV console",
        (
            Option("max-width", "N", help="The picture's width at most"),
            Option("max-height", "N", help="The picture's height at most"),
            Option("format", "JPEG|PNG", help="The picture's format"),
            Option("primary", help="The primary screen only"),
            JSON,
            Option("output", "FILE", short="o", help="Where to write the picture"),
        ),
        "session",
        (1, 1),
    ),
    "set-display-layout": Command(
        cli_screens.set_display_layout,
        "Set display layout of an active DCV session",
        (SESSION,),
        "layout",
        (1, 1),
    ),
    "reload-licenses": Command(reload_licenses, "Force reloading the licenses for all the running sessions"),
    "get-config": Command(
        get_config,
        "Get server configuration",
        (
            Option("all", help="All parameters"),
            Option("section", "SECTION", help="The parameter's section"),
            Option("key", "KEY", help="The parameter's key"),
        ),
    ),
    "set-config": Command(
        set_config,
        "Set server configuration",
        (
            Option("section", "SECTION", help="The parameter's section"),
            Option("key", "KEY", help="The parameter's key"),
        ),
        "value",
        (1, 1),
    ),
    "list-endpoints": Command(list_endpoints, "List the DCV endpoints", (JSON,)),
    "version": Command(version, "Show the version of DCV"),
}


CLOSE_CONNECTION_BY_OPTIONS = Command(
    close_connection_by_options,
    "Close an active client connection",
    (SESSION, Option("connection", "CONNECTION", short="c", help="The connection's id")),
)


def command_of(name):
    """The command as this host's version has it (README.md: which shapes there are)."""
    command = COMMANDS.get(name)
    if name == "close-connection" and fault("close-connection-options"):
        return CLOSE_CONNECTION_BY_OPTIONS
    if command is None:
        return None
    unknown = (fault("unknown-options") or []) if name == "create-session" else []
    if fault("text-only"):
        unknown = [*unknown, JSON.name]
    options = tuple(option for option in command.options if option.name not in unknown)
    return Command(command.run, command.summary, options, command.arguments, command.count)


def overview():
    rows = [*((name, command.summary) for name, command in COMMANDS.items()), ("help", "Show help")]
    text = "Usage:\n  dcv COMMAND [OPTION…]\n\nCommands:\n"
    return text + "".join(f"  {name:<20}{summary}\n" for name, summary in rows)


def main(argv):
    utf8 = glib.locale_is_utf8()
    if not utf8:
        glib.print_ascii()
    if not argv or argv[0] in ("help", "--help", "-h"):
        sys.stdout.write(overview())
        return 0 if argv else 1
    if argv[0] == "--version":
        argv = ["version"]
    name, *rest = argv
    try:
        command = command_of(name)
    except FaultsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if command is None:
        sys.stderr.write(f"Unknown command '{name}'\n\n{overview()}")
        return 1
    if any(word in ("--help", "-h") for word in rest):
        said = fault("close-connection-help") if name == "close-connection" else None
        sys.stdout.write(said or help_text(name, command))
        return 0
    try:
        if not utf8 and not all(word.isascii() for word in rest):
            raise Usage(glib.CONVERSION)
        command.run(*parse(command, rest))
        sys.stdout.flush()
        return 0
    except Usage as error:
        sys.stderr.write(f"{error}\n\n{help_text(name, command)}")
        return 1
    except (Failure, FaultsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:
        return 1

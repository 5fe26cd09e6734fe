"""`dcvsimpleextauth`: adds tokens to those that the simple external authenticator knows, and takes them back. A token comes
on stdin; what is kept of it is a digest, in a file for each session."""
import argparse
import hashlib
import json
import os
import sys

from .faults import FaultsError, fault

AUTH_DIR = "/var/run/dcvsimpleextauth/"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def file_of(auth_dir, session):
    return os.path.join(auth_dir, digest(session) + ".json")


def tokens_of(auth_dir, session):
    """[{"user", "digest"}] of a session."""
    try:
        with open(file_of(auth_dir, session), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return []


def main(argv):
    try:
        options = _parser().parse_args(argv)
        if options.command == "add-user":
            _add_user(options, sys.stdin.readline().rstrip("\n"))
        elif os.path.exists(file := file_of(AUTH_DIR, options.session)):
            os.unlink(file)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except (ValueError, FaultsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="dcvsimpleextauth", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add-user", allow_abbrev=False)
    add.add_argument("--session", required=True)
    add.add_argument("--auth-dir", default=AUTH_DIR)
    add.add_argument("--user", required=True)
    add.add_argument("--append", action="store_true", help="keep the session's other tokens")
    if not fault("no-remove-auth"):
        remove = commands.add_parser("remove-auth", allow_abbrev=False)
        remove.add_argument("--session", required=True)
    return parser


def _add_user(options, token):
    if token == "":
        raise ValueError("No token on stdin")
    kept = tokens_of(options.auth_dir, options.session) if options.append else []
    file = file_of(options.auth_dir, options.session)
    owner = os.stat(options.auth_dir)
    descriptor = os.open(file + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as new:
        json.dump([*kept, {"user": options.user, "digest": digest(token)}], new)
    os.chown(file + ".new", owner.st_uid, owner.st_gid)  # whoever the service runs as
    os.replace(file + ".new", file)

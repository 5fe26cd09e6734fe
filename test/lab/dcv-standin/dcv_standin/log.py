"""Logs in DCV's line format: `2021-08-10 05:32:44,161016 [  3517:3517  ] WARN  component - message`."""
import datetime
import os
import threading

LEVELS = {"error": 0, "warn": 1, "info": 2, "debug": 3}


def format_line(level, component, message, now=None):
    now = now or datetime.datetime.now()
    stamp = now.strftime("%Y-%m-%d %H:%M:%S,%f")
    ids = f"[{os.getpid():6d}:{threading.get_native_id():<6d}]"
    # One entry is one line, whatever a client sent.
    message = "".join(char if char.isprintable() else "?" for char in message)
    return f"{stamp} {ids} {level.upper():<5} {component} - {message}\n"


def rotate(path, keep):
    """What DCV does when a process starts: the old log becomes path.1, and `keep` of them are kept."""
    if not os.path.exists(path):
        return
    if keep <= 0:
        os.unlink(path)
        return
    for number in range(keep - 1, 0, -1):
        if os.path.exists(f"{path}.{number}"):
            os.replace(f"{path}.{number}", f"{path}.{number + 1}")
    os.replace(path, f"{path}.1")


class Log:
    """A log file. `level` is asked at each line, since [log] level takes effect at once."""

    def __init__(self, path, level=lambda: "info", keep=10):
        try:
            rotate(path, keep)
        except OSError:
            pass  # another user's file in the sticky directory: opening it will say so
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8", buffering=1)
        self._level = level

    def write(self, level, component, message):
        if LEVELS[level] <= LEVELS.get(self._level(), 2):
            self._file.write(format_line(level, component, message))

    def error(self, component, message):
        self.write("error", component, message)

    def warn(self, component, message):
        self.write("warn", component, message)

    def info(self, component, message):
        self.write("info", component, message)

    def debug(self, component, message):
        self.write("debug", component, message)

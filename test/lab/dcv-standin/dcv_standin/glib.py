"""What GLib, which DCV's programs are built on, makes of a locale that is not UTF-8: it prints "?" for each character that the
locale cannot say, and takes no argument with one."""
import _locale  # what the module locale is made of; loading that takes longer than all of `dcv`
import sys

# GLib's own words.
CONVERSION = "Invalid byte sequence in conversion input"


def locale_is_utf8():
    """Whether it is for a C program. Python, which would turn C into UTF-8, has left the kernel's copy as it was."""
    with open("/proc/self/environ", "rb") as file:
        environment = dict(pair.split(b"=", 1) for pair in file.read().split(b"\0") if b"=" in pair)
    names = [environment.get(name) for name in (b"LC_ALL", b"LC_CTYPE", b"LANG")]
    try:
        _locale.setlocale(_locale.LC_CTYPE, next((name for name in names if name), b"C").decode())
    except (_locale.Error, UnicodeDecodeError):
        return False  # a locale that the host does not have is C
    return _locale.nl_langinfo(_locale.CODESET) == "UTF-8"


def print_ascii():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="ascii", errors="replace")

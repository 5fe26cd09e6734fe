"""dcvagent: one session, run as the session's user by the launcher. It starts the X server (Xvnc, named Xdcv) and
the desktop, and ends with them. Its stdin is the launcher's hand: when that closes, the session ends."""
import asyncio
import contextlib
import os
import pwd
import secrets
import shlex
import signal
import struct
import sys

from . import config, lines, paths
from .log import Log, rotate

READY_SECONDS = 20
TERMINAL_SECONDS = 5


# The environment variable that tells the terminal where to say that it is there.
TERMINAL = "DCV_STANDIN_TERMINAL"


class Ended(Exception):
    """The session is over; the message is why."""


def log_path(kind, session_id):
    return f"{paths.LOGS}/{kind}.{pwd.getpwuid(os.geteuid()).pw_name}.{session_id}.log"


def write_x_authority(path):
    """A cookie for every display (FamilyWild): the display's number is not known before the X server runs."""
    name, cookie = b"MIT-MAGIC-COOKIE-1", secrets.token_bytes(16)
    entry = struct.pack(">HHH", 0xFFFF, 0, 0)
    entry += struct.pack(">H", len(name)) + name + struct.pack(">H", len(cookie)) + cookie
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(entry)


def open_log(kind, session_id):
    """The log of a program the agent starts: the previous one is rotated, as with all logs."""
    path = log_path(kind, session_id)
    with contextlib.suppress(OSError):
        rotate(path, 10)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o640)


async def start_x_server(request, authority):
    """Xvnc, reachable by a unix socket only. (process, RFB socket) once it takes connections."""
    rfb = f"{request['directory']}/rfb"
    output = open_log("Xdcv", request["id"])
    read, write = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            "Xdcv",
            f":{request['display']}",
            *("-displayfd", str(write)),  # it writes there when it is ready
            *("-auth", authority),
            *("-nolisten", "tcp"),
            *("-rfbport", "-1"),
            *("-rfbunixpath", rfb, "-rfbunixmode", "0660"),
            *("-SecurityTypes", "None"),
            "-AlwaysShared",
            "-AcceptSetDesktopSize=0",
            *("-desktop", f"{os.uname().nodename} {request['id']}"),
            *("-geometry", "1280x800", "-depth", "24"),
            *shlex.split(request["xdcv-args"]),
            pass_fds=(write,),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    finally:
        os.close(output)
        os.close(write)
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb")
    )
    try:
        ready = await asyncio.wait_for(reader.readline(), READY_SECONDS)
    except asyncio.TimeoutError:
        ready = b""
    finally:
        transport.close()
    if not ready:
        raise Ended("The X server did not start")
    return process, rfb


async def start_desktop(request, display, authority):
    """The session's script: the given one, the host's, or a plain message on the console."""
    output = open_log("dcv-xsession", request["id"])
    if request["type"] == "console":
        command = ["xmessage", "-center", f"Console of {os.uname().nodename}\n(stand-in: no display manager here)"]
    else:
        command = [request["init"] or paths.SESSION_INIT]
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, "DISPLAY": display, "XAUTHORITY": authority, TERMINAL: terminal_pipe(request)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except OSError as error:
        os.write(output, f"{command[0]}: {error.strerror}\n".encode())
        raise Ended(f"The session's script could not be run: {error.strerror}") from error
    finally:
        os.close(output)


def terminal_pipe(request):
    return f"{request['directory']}/terminal"


async def terminal_shown(request):
    """Waits until the desktop's terminal has its prompt, so that what a test types at once is not lost. Only the host's
    own desktop says so (etc/desktop.bashrc). DCV itself waits for no desktop."""
    reader = asyncio.StreamReader()
    pipe = os.fdopen(os.open(terminal_pipe(request), os.O_RDWR | os.O_NONBLOCK), "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(reader.readline(), TERMINAL_SECONDS)
    transport.close()


async def ending(name, process, log):
    code = await process.wait()
    how = f"was killed by signal {-code}" if code < 0 else f"exited with status {code}"
    log.warn("agent", f"{name} {how}")
    raise Ended(f"{name} {how}")


async def first_of(*waits):
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    _done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()


async def launcher_gone(reader):
    await reader.read()
    raise Ended("closed")


async def terminated(event):
    await event.wait()
    raise Ended("the agent was told to stop")


async def death(after, message, log):
    """The fault of a session that is created and then does not live."""
    await asyncio.sleep(after)
    message = message or "Session terminated unexpectedly"
    log.error("agent", message)
    raise Ended(message)


async def run(session_id):
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    request = lines.decode(await reader.readline())

    def say(message):
        with contextlib.suppress(BrokenPipeError):
            os.write(1, lines.encode(message))

    processes = []
    log = None
    try:
        log = Log(log_path("agent", session_id), lambda: config.load().get("log", "level"))
        log.info("agent", f"Starting session '{session_id}' (type:{request['type']})")
        authority = f"{request['directory']}/{session_id}.xauth"
        write_x_authority(authority)
        display = f":{request['display']}"
        x_server, rfb = await start_x_server(request, authority)
        processes.append(x_server)
        os.mkfifo(terminal_pipe(request), 0o600)
        desktop = await start_desktop(request, display, authority)
        processes.append(desktop)
        if request["type"] == "virtual" and request["init"] is None:
            await first_of(terminal_shown(request), desktop.wait(), x_server.wait())
        log.info("agent", f"Session '{session_id}' is ready on display {display}")
        say({"ready": {"display": display, "x-authority": authority, "rfb": rfb}})
        waits = [
            ending("X server", x_server, log),
            ending("Session script", desktop, log),
            launcher_gone(reader),
            terminated(stop),
        ]
        if request["dies-after"]:
            waits.append(death(request["dies-after"], request["dies-message"], log))
        await asyncio.gather(*waits)
    except (Ended, OSError) as error:
        if log is not None:
            log.info("agent", f"Session '{session_id}' ends: {error}")
        say({"ended" if len(processes) == 2 else "failed": str(error)})
    for process in reversed(processes):
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()


def main(argv):
    session_id = argv[argv.index("--session-id") + 1]
    asyncio.run(run(session_id))
    return 0

"""dcvsessionlauncher: the part that is root. It starts each session's agent as the session's user, and makes sure that
nothing of a session outlives it. Only dcvserver (user dcv) and root may talk to it."""
import asyncio
import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import sys
import warnings

from . import config, lines, paths
from .log import Log

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt
    import spwd

MARK = "DCV_STANDIN_SESSION"
READY_SECONDS = 25
STOP_SECONDS = 3


class Failed(Exception):
    pass


class Desktop:
    """One running session: its agent's process, and the mark by which its processes are known."""

    def __init__(self, session_id, process, mark, directory, display):
        self.id, self.process, self.mark, self.directory, self.display = session_id, process, mark, directory, display
        self.stopping = False


class Launcher:
    def __init__(self, log):
        self._log = log
        self._displays = set()

    async def serve(self, reader, writer):
        """One connection of dcvserver. When it ends, all that was started for it ends."""
        _pid, uid, _gid = lines.peer(writer.get_extra_info("socket"))
        if uid not in (0, os.geteuid(), _uid("dcv")):
            self._log.warn("launcher", f"Refused a connection of uid {uid}")
            writer.close()
            return
        desktops, tasks = {}, set()

        def say(message):
            if not writer.is_closing():
                writer.write(lines.encode(message))

        while line := await reader.readline():
            task = asyncio.create_task(self._answer(lines.decode(line), desktops, say))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        self._log.info("launcher", f"dcvserver is gone, ending {len(desktops)} sessions")
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*(self._stop(desktop) for desktop in list(desktops.values())))
        writer.close()

    async def _answer(self, request, desktops, say):
        answer = {"number": request["number"]}
        try:
            match request["command"]:
                case "start":
                    answer["place"] = await self._start(request, desktops, say)
                case "stop":
                    if (desktop := desktops.get(request["id"])) is not None:
                        await self._stop(desktop)
                case "authenticate":
                    answer["good"] = await asyncio.to_thread(_password_is, request["user"], request["password"])
                case other:
                    answer["error"] = f"unknown command {other}"
        except Failed as error:
            answer["error"] = str(error)
        say(answer)

    async def _start(self, request, desktops, say):
        try:
            user = pwd.getpwnam(request["user"])
        except KeyError as error:
            raise Failed(f"User '{request['user']}' does not exist") from error
        mark = secrets.token_hex(8)
        display = self._free_display()
        directory = f"{paths.SESSIONS}/{mark}"
        # The agent writes here as the user, dcvserver connects here as dcv: files take the directory's group.
        os.mkdir(directory, 0o700)
        if os.geteuid() == 0:
            os.chown(directory, user.pw_uid, grp.getgrnam("dcv").gr_gid)
        os.chmod(directory, 0o2770)
        self._log.info("launcher", f"Starting session '{request['id']}' for user '{user.pw_name}'")
        process = await asyncio.create_subprocess_exec(
            paths.AGENT,
            "--mode",
            "full",
            "--session-id",
            request["id"],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            cwd=user.pw_dir if os.path.isdir(user.pw_dir) else "/",
            env=_environment(user, request, mark),
            **_as_user(user),
        )
        desktop = Desktop(request["id"], process, mark, directory, display)
        storage = _storage_root(request["storage-root"], user)
        process.stdin.write(lines.encode({**request, "directory": directory, "display": display}))
        try:
            line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
        except asyncio.TimeoutError:
            line = b""
        except asyncio.CancelledError:
            await self._end(desktop)
            raise
        event = lines.decode(line) if line else {"failed": "The session's agent ended before it was ready"}
        if "failed" in event:
            await self._end(desktop)
            self._log.error("launcher", f"Session '{request['id']}' did not start: {event['failed']}")
            raise Failed(event["failed"])
        desktops[desktop.id] = desktop
        asyncio.create_task(self._watch(desktop, desktops, say))
        return {**event["ready"], "storage-root": storage}

    async def _watch(self, desktop, desktops, say):
        """Waits for a desktop's end, cleans up, and tells dcvserver."""
        line = await desktop.process.stdout.readline()
        reason = lines.decode(line)["ended"] if line else "the session's agent ended"
        await self._end(desktop)
        desktops.pop(desktop.id, None)
        self._log.info("launcher", f"Session '{desktop.id}' ended: {reason}")
        if not desktop.stopping:
            say({"event": "ended", "id": desktop.id, "reason": reason})

    async def _stop(self, desktop):
        desktop.stopping = True
        desktop.process.stdin.close()
        try:
            await asyncio.wait_for(desktop.process.wait(), STOP_SECONDS)
        except asyncio.TimeoutError:
            pass
        await self._end(desktop)

    async def _end(self, desktop):
        """Ends the agent and every process that carries the session's mark."""
        if desktop.process.returncode is None:
            try:
                desktop.process.kill()
            except ProcessLookupError:
                pass
            await desktop.process.wait()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for _attempt in range(20):
                marked = _marked(desktop.mark)
                if not marked:
                    break
                for pid in marked:
                    try:
                        os.kill(pid, number)
                    except ProcessLookupError:
                        pass
                await asyncio.sleep(0.05)
        shutil.rmtree(desktop.directory, ignore_errors=True)
        self._displays.discard(desktop.display)

    def _free_display(self):
        """The first display, from :1, that no session and no other X server has. It is the caller's until _end."""
        number = 1
        while (
            number in self._displays
            or os.path.exists(f"/tmp/.X{number}-lock")
            or os.path.exists(f"/tmp/.X11-unix/X{number}")
        ):
            number += 1
        self._displays.add(number)
        return number


def _environment(user, request, mark):
    return {
        "HOME": user.pw_dir,
        "USER": user.pw_name,
        "LOGNAME": user.pw_name,
        "SHELL": user.pw_shell or "/bin/sh",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
        "LANG": "C.UTF-8",
        "DCV_SESSION_ID": request["id"],
        MARK: mark,
    }


def _as_user(user):
    if os.geteuid() != 0:
        return {}
    return {
        "user": user.pw_uid,
        "group": user.pw_gid,
        "extra_groups": os.getgrouplist(user.pw_name, user.pw_gid),
        "umask": 0o022,
    }


def _storage_root(wanted, user):
    """File storage is off when its directory is not there."""
    directory = wanted.replace("%home%", user.pw_dir)
    return directory if directory and os.path.isdir(directory) else ""


def _marked(mark):
    """The processes of a session: the mark is in the environment they were started with."""
    needle = f"{MARK}={mark}".encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if needle in file.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            pass
    return found


def _password_is(user, password):
    """What PAM's unix module would say: a locked or empty password lets nobody in."""
    try:
        hashed = spwd.getspnam(user).sp_pwdp
    except (KeyError, PermissionError):
        return False
    if not hashed or hashed[0] in "!*":
        return False
    return secrets.compare_digest(crypt.crypt(password, hashed) or "", hashed)


def _uid(name):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return -1


async def _run():
    path = f"{paths.LOGS}/sessionlauncher.log"
    log = Log(path, lambda: config.load().get("log", "level"), config.load().get("log", "rotate"))
    if os.geteuid() == 0 and _uid("dcv") >= 0:
        os.chown(path, _uid("dcv"), grp.getgrnam("dcv").gr_gid)
    os.makedirs(paths.SESSIONS, mode=0o755, exist_ok=True)
    if os.path.exists(paths.LAUNCHER):
        os.unlink(paths.LAUNCHER)
    launcher = Launcher(log)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.bind(paths.LAUNCHER)
        os.chmod(paths.LAUNCHER, 0o666)  # who may is decided by the peer's uid
        server = await asyncio.start_unix_server(launcher.serve, sock=sock)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        log.info("launcher", "Session launcher is ready")
        lines.notify_ready()
        await stop.wait()
        server.close()
    log.info("launcher", "Session launcher is stopping")


def main(_argv):
    os.umask(0o022)
    asyncio.run(_run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

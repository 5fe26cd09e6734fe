"""dcvserver: sessions, the control socket that `dcv` uses, and the web side. It runs as the user dcv."""
import asyncio
import hashlib
import os
import signal
import ssl
import sys
import time

from . import config, lines, paths
from .control import Control
from .faults import fault
from .launcher_client import LauncherClient
from .log import Log
from .sessions import Refused, Sessions
from .web import WebSide

WATCH_SECONDS = 5


class Configuration:
    """dcv.conf, read anew when the file changes; what takes effect only at a restart is the reader's affair."""

    def __init__(self):
        self._seen, self._config = None, None
        self.problems = []

    def __call__(self):
        try:
            status = os.stat(paths.CONF)
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
        except OSError:
            seen = ()
        if seen != self._seen:
            self._seen, self._config = seen, config.load()
            self.problems = self._config.problems
        return self._config


class Server:
    def __init__(self, with_bus):
        self._with_bus = with_bus
        self._config = Configuration()
        settings = self._config()
        directory = settings.get("log", "directory") or paths.LOGS
        self._log = Log(
            f"{directory}/server.log", lambda: self._config().get("log", "level"), settings.get("log", "rotate")
        )
        self._launcher = LauncherClient(self._log, self._ended)
        self._sessions = Sessions(self._config, self._log, self._launcher)
        self._web = WebSide(self._config, self._log, self._sessions, self._launcher)

    async def run(self):
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self._log.info("server", "Starting the DCV server (a stand-in for tests)")
        for problem in self._config.problems:
            self._log.warn("config", problem)
        slow = fault("slow-start-seconds")
        if slow:
            lines.notify_ready()
            await asyncio.sleep(slow)
        control = await Control(self._sessions, self._endpoints).listen() if self._with_bus else None
        try:
            await self._web.start()
        except (OSError, ssl.SSLError) as error:
            self._log.error("frontend-http", f"Could not start: {error}")
            return 1
        await self._automatic_console()
        lines.notify_ready()
        watch = asyncio.create_task(self._watch())
        await stop.wait()
        self._log.info("server", "Stopping the DCV server")
        watch.cancel()
        if control is not None:
            control.close()
            os.unlink(paths.CONTROL)
        await self._sessions.all_ended("closed")
        await self._launcher.close()
        await self._web.stop()
        return 0

    def _endpoints(self):
        with open(paths.CERTIFICATE, encoding="ascii") as file:
            digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest().upper()
        fingerprint = ":".join(digest[n : n + 2] for n in range(0, len(digest), 2))
        path = self._config().get("connectivity", "web-url-path")
        return [
            {"address": address, "port": port, "protocol": "http", "web-url-path": path, "fingerprint": fingerprint}
            for address, port in self._web.listening
        ]

    async def _automatic_console(self):
        settings = self._config()
        if not settings.get("session-management", "create-session"):
            return
        section = "session-management/automatic-console-session"
        request = {
            "id": "console",
            "type": "console",
            "name": "Console",
            "user": None,
            "owner": settings.get(section, "owner") or "root",
            "permissions-file": settings.get(section, "permissions-file") or None,
            "storage-root": settings.get(section, "storage-root"),
            "gl": None,
            "max-concurrent-clients": settings.get(section, "max-concurrent-clients"),
            "init": None,
        }
        try:
            await self._sessions.create(request, 0)
        except Refused as error:
            self._log.error("session-manager", f"Could not create the automatic console session: {error}")

    async def _ended(self, session_id, reason):
        if session_id is None:
            await self._sessions.all_ended(reason)
        else:
            await self._sessions.ended(session_id, reason)

    async def _watch(self):
        """What is looked at again while the server runs: the certificate, and viewers that do nothing."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self._web.reload_certificate()
            idle = self._config().get("connectivity", "idle-timeout") * 60
            for session in self._sessions.running():
                for connection in list(session.connections.values()):
                    if 0 < idle < time.time() - connection.last_interaction:
                        self._log.info("frontend-handler", f"Client '{connection.address}' was idle for too long")
                        await connection.close("IDLE_TIMEOUT_EXPIRED", "The connection has been closed.")


def main(argv):
    # Without --service the real one does not take its name on the bus, and `dcv` says that it is not running.
    os.umask(0o022)
    return asyncio.run(Server(with_bus="--service" in argv).run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""dcvserver's side of the connection to dcvsessionlauncher, which starts desktops as their users. The desktops live as
long as this connection: a dcvserver that ends takes its sessions with it."""
import asyncio

from . import lines, paths
from .sessions import Refused

START_SECONDS = 30


class LauncherClient:
    def __init__(self, log, ended):
        """`ended(session id or None for all, reason)` is awaited when a desktop is gone."""
        self._log, self._ended = log, ended
        self._writer = None
        self._waiting = {}
        self._reading = None
        self._connecting = asyncio.Lock()

    async def start(self, session):
        """Starts a desktop; the place where it is. Raises Refused."""
        answer = await self._ask({"command": "start", **session})
        return answer["place"]

    async def stop(self, session_id):
        await self._ask({"command": "stop", "id": session_id})

    async def password_is(self, user, password):
        """Whether this is the user's password, as PAM would find."""
        answer = await self._ask({"command": "authenticate", "user": user, "password": password})
        return answer["good"] is True

    async def close(self):
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()

    async def _ask(self, message):
        await self._connect()
        number = max(self._waiting, default=0) + 1
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(lines.encode({**message, "number": number}))
            await self._writer.drain()
            answer = await asyncio.wait_for(self._waiting[number], START_SECONDS)
        except (OSError, asyncio.TimeoutError) as error:
            raise Refused(f"The session launcher does not answer ({error or 'timed out'})") from error
        finally:
            del self._waiting[number]
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    async def _connect(self):
        async with self._connecting:
            if self._writer is not None:
                return
            try:
                reader, self._writer = await asyncio.open_unix_connection(paths.LAUNCHER)
            except OSError as error:
                raise Refused("The dcvsessionlauncher service is not running") from error
            self._reading = asyncio.create_task(self._read(reader))

    async def _read(self, reader):
        while line := await reader.readline():
            message = lines.decode(line)
            if message.get("event") == "ended":
                await self._ended(message["id"], message["reason"])
            elif (waiting := self._waiting.get(message.get("number"))) is not None and not waiting.done():
                waiting.set_result(message)
        self._log.error("session-launcher", "The session launcher is gone")
        self._writer.close()
        self._writer = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result({"error": "The session launcher is gone"})
        await self._ended(None, "the session launcher is gone")

"""The stand-in's dcvserver (test/lab/dcv-standin) without its web side and without desktops, for `dcv` alone. Each session has a
viewer from the start. Usage: standin-server.py FOLDER. It says "ready", and ends with its stdin."""
import asyncio
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "lab" / "dcv-standin"))

from dcv_standin import config, paths  # noqa: E402
from dcv_standin.control import Control  # noqa: E402
from dcv_standin.log import Log  # noqa: E402
from dcv_standin.sessions import Sessions  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1])
paths.CONTROL = str(FOLDER / "control.sock")
paths.FAULTS = str(FOLDER / "faults.json")
paths.CONF = str(FOLDER / "dcv.conf")


class NoDesktops:
    async def start(self, session):
        return {"display": ":7", "x-authority": "/nowhere/7", "rfb": None, "storage-root": session["storage-root"]}

    async def stop(self, session_id):
        pass


class ViewedSessions(Sessions):
    async def create(self, request, uid):
        session = await super().create(request, uid)

        async def close(_code, _reason):
            self.disconnect(session, connection)

        connection = self.connect(session, "Browser", "10.0.0.9:4711 (forwarded for 10.1.2.3)", close)


async def main():
    settings = config.load()
    sessions = ViewedSessions(lambda: settings, Log(FOLDER / "server.log"), NoDesktops())
    await Control(sessions, list).listen()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())

"""dcvserver's control socket, where `dcv` asks: what the D-Bus name com.nicesoftware.DcvServer is to the real one."""
import asyncio
import base64
import os
import socket

from . import lines, paths, screenshot
from .faults import FaultsError
from .sessions import Refused


class Control:
    def __init__(self, sessions, endpoints):
        """`endpoints()` is what list-endpoints tells."""
        self._sessions, self._endpoints = sessions, endpoints

    async def listen(self):
        if os.path.exists(paths.CONTROL):
            os.unlink(paths.CONTROL)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(paths.CONTROL)
        os.chmod(paths.CONTROL, 0o666)  # everybody may ask; the answer depends on the peer's uid
        return await asyncio.start_unix_server(self._take, sock=sock)

    async def _take(self, reader, writer):
        _pid, uid, _gid = lines.peer(writer.get_extra_info("socket"))
        try:
            request = lines.decode(await reader.readline())
            try:
                answer = {"result": await self._answer(request, uid)}
            except Refused as error:
                answer = {"error": str(error), "whole": error.whole}
            except FaultsError as error:
                answer = {"error": str(error), "whole": True}
            writer.write(lines.encode(answer))
            await writer.drain()
        except (OSError, ValueError):
            pass  # a client that went away, or was never one
        finally:
            writer.close()

    async def _answer(self, request, uid):
        sessions = self._sessions
        match request["command"]:
            case "ping" | "reload-licenses":
                return None
            case "create-session":
                await sessions.create(request, uid)
                return None
            case "list-sessions":
                return [session.as_json() for session in sessions.visible(uid)]
            case "describe-session":
                return sessions.find(request["id"], uid).as_json()
            case "close-session":
                return await sessions.close(request["id"], uid)
            case "list-connections":
                return [connection.as_json() for connection in sessions.find(request["id"], uid).connections.values()]
            case "close-connection":
                connection = sessions.find(request["id"], uid).connections.get(request["connection"])
                if connection is None:
                    raise Refused(f"Could not find connection '{request['connection']}'")
                return await connection.close("DISCONNECT_BY_OWNER", "The connection has been closed.")
            case "set-name":
                sessions.find(request["id"], uid).name = request["name"]
                return None
            case "set-permissions":
                sessions.find(request["id"], uid).permissions_file = request["file"]
                return None
            case "set-storage-root":
                sessions.find(request["id"], uid).storage_root = request["storage-root"]
                return None
            case "set-display-layout":
                sessions.find(request["id"], uid).layout = request["layout"]
                return None
            case "get-screenshot":
                return await _screenshot(sessions.find(request["id"], uid), request)
            case "list-endpoints":
                return self._endpoints()
            case other:
                raise Refused(f"Unknown command {other}")


async def _screenshot(session, request):
    try:
        picture = await screenshot.take(session.rfb)
    except OSError as error:
        raise Refused(str(error)) from error
    smaller = picture.within(request["max-width"], request["max-height"])
    return {"png": base64.b64encode(smaller.png()).decode()}

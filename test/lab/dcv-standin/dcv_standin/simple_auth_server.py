"""The service of the simple external authenticator: answers dcvserver's questions about tokens on 127.0.0.1:8444."""
import asyncio
import signal
from xml.sax.saxutils import escape

from aiohttp import web

from . import lines
from .simple_auth import AUTH_DIR, digest, tokens_of

FIELDS = ("sessionId", "authenticationToken", "clientAddress")


def main():
    return asyncio.run(_run())


async def _run():
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = web.Application()
    app.router.add_post("/", _answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 8444, shutdown_timeout=1).start()
    lines.notify_ready()
    await stop.wait()
    await runner.cleanup()
    return 0


async def _answer(request):
    if request.content_type != "application/x-www-form-urlencoded":
        return web.Response(status=415)
    form = await request.post()
    if any(field not in form for field in FIELDS):
        return web.Response(status=400)
    seen = digest(form["authenticationToken"])
    user = next((one["user"] for one in tokens_of(AUTH_DIR, form["sessionId"]) if one["digest"] == seen), None)
    if user is None:
        return web.Response(text='<auth result="no"><message>Unknown token</message></auth>', content_type="text/xml")
    return web.Response(text=f'<auth result="yes"><username>{escape(user)}</username></auth>', content_type="text/xml")

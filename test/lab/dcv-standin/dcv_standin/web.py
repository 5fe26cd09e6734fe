"""The web side of dcvserver, on 8443: the viewer page, /version, and the WebSockets `auth` and `ws`.

What goes over the WebSockets is the stand-in's own (the real messages are not public): JSON for logging in and for the
main channel, RFB for the display. Paths, subprotocol, checks, headers and status codes are DCV's."""
import asyncio
import contextlib
import json
import mimetypes
import os
import re
import ssl
import time

from aiohttp import WSCloseCode, WSMsgType, web, web_response

from . import cli, paths, verifier
from .faults import fault
from .sessions import Refused

# On errors in aiohttp's own parser, too: every answer of a DCV server names it.
web_response.SERVER_SOFTWARE = "dcv"

NO_SESSION = "No session available"


class WebSide:
    def __init__(self, config, log, sessions, launcher):
        """`config()` is the configuration as it is now; what needs a restart is read once, here."""
        self._config, self._log, self._sessions, self._launcher = config, log, sessions, launcher
        at_start = config()
        self._port = at_start.get("connectivity", "web-port")
        self._endpoints = at_start.get("connectivity", "web-listen-endpoints")
        self._prefix = at_start.get("connectivity", "web-url-path").rstrip("/")
        self._root = at_start.get("connectivity", "web-root") or paths.WWW
        self._host_allowed = re.compile(at_start.get("security", "allowed-http-host-regex"))
        self._origin_allowed = re.compile(at_start.get("security", "allowed-ws-origin-regex"))
        self._keepalive = at_start.get("connectivity", "ws-keepalive-interval")
        self._setup_seconds = at_start.get("security", "connection-setup-timeout")
        self._auth_setup_seconds = at_start.get("security", "auth-connection-setup-timeout")
        self._needs_login = at_start.get("security", "authentication") == "system"
        self._verifier = at_start.get("security", "auth-token-verifier")
        self._headers = _headers(at_start)
        self._runner = None
        self._tls = None
        self._certificate_seen = None
        self.listening = []

    async def start(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        app.on_response_prepare.append(self._add_headers)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        self._tls = self._tls_context()
        problems = []
        for endpoint in self._endpoints:
            address, port = _split_endpoint(endpoint, self._port)
            try:
                site = web.TCPSite(
                    self._runner, address, port, ssl_context=self._tls, backlog=512, shutdown_timeout=1
                )
                await site.start()
                self.listening.append((address, port))
            except OSError as error:
                problems.append(f"cannot listen on {address} port {port}: {error.strerror or error}")
        for problem in problems:
            self._log.warn("frontend-http", problem)
        if not self.listening:
            raise OSError("; ".join(problems))
        for address, port in self.listening:
            self._log.info("frontend-http", f"Listening on {address} port {port}")

    async def stop(self):
        if self._runner is not None:
            await self._runner.cleanup()

    # --- TLS

    def _tls_context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(self._config().get("security", "ciphers"))
        context.load_cert_chain(paths.CERTIFICATE, paths.CERTIFICATE_KEY)
        self._certificate_seen = _changed(paths.CERTIFICATE), _changed(paths.CERTIFICATE_KEY)
        return context

    def reload_certificate(self):
        """A certificate that was replaced on disk is served from the next connection on, without a restart."""
        seen = _changed(paths.CERTIFICATE), _changed(paths.CERTIFICATE_KEY)
        if seen == self._certificate_seen:
            return
        self._certificate_seen = seen
        try:
            self._tls.load_cert_chain(paths.CERTIFICATE, paths.CERTIFICATE_KEY)
            self._log.info("frontend-http", "Reloaded the TLS certificate")
        except (OSError, ssl.SSLError) as error:
            self._log.error("frontend-http", f"Could not reload the TLS certificate: {error}")

    # --- HTTP

    async def _add_headers(self, _request, response):
        response.headers["Server"] = "dcv"
        if not getattr(response, "body", None):
            response.headers.pop("Content-Type", None)  # aiohttp adds one to what has no content
        if response.status == 400:
            return
        for name, value in self._headers:
            response.headers.setdefault(name, value)

    async def _answer(self, request):
        if fault("web-hangs"):
            await asyncio.sleep(3600)
        host = request.headers.get("Host")
        if request.version < (1, 1) or not host:
            response = web.Response(status=400)
            response.force_close()
            return response
        if not self._host_allowed.search(host):
            self._log.warn("frontend-http", f"Host '{host}' of client '{client(request)}' is not allowed")
            return web.Response(status=403)
        path = self._path(request)
        if path in ("auth", "ws"):
            return await self._web_socket(request, path)
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=404 if path is None or path.startswith("resource/") else 405)
        if path == "version":
            return web.Response(text=cli.version_text())
        file = None if path is None else self._file(path or "index.html")
        return web.Response(status=404) if file is None else _file_response(file)

    def _path(self, request):
        """The path below web-url-path without its first slash; None when it is not below."""
        path = request.path
        if not path.startswith(self._prefix + "/"):
            return None
        return path[len(self._prefix) + 1 :]

    def _file(self, path):
        """The viewer's file of that name. Nothing outside of the viewer is ever served."""
        if fault("no-web-viewer") or "\0" in path:
            return None
        file = os.path.realpath(os.path.join(self._root, path))
        roots = (os.path.realpath(self._root), os.path.realpath(paths.NOVNC))
        inside = any(file.startswith(root + "/") for root in roots)
        return file if inside and os.path.isfile(file) else None

    # --- WebSockets

    async def _web_socket(self, request, path):
        upgrade = "websocket" in request.headers.get("Upgrade", "").lower()
        offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if not upgrade or "dcv" not in offered:
            self._log.warn("frontend-handler", f"Not a DCV WebSocket on /{path} from client '{client(request)}'")
            return web.Response(status=400)
        origin = request.headers.get("Origin")
        if origin is not None and not self._origin_allowed.search(origin):
            self._log.warn("frontend-handler", f"Origin '{origin}' of client '{client(request)}' is not allowed")
            return web.Response(status=403)
        socket = web.WebSocketResponse(protocols=("dcv",), compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        keepalive = asyncio.create_task(self._ping(socket))
        try:
            await (self._authenticate(request, socket) if path == "auth" else self._channel(request, socket))
        except (ConnectionError, asyncio.TimeoutError):
            pass
        finally:
            keepalive.cancel()
            await socket.close()
        return socket

    async def _ping(self, socket):
        with contextlib.suppress(ConnectionError):
            while self._keepalive > 0:
                await asyncio.sleep(self._keepalive)
                await socket.ping()

    async def _authenticate(self, request, socket):
        """Who logs in gets the token of the session they may join."""
        deadline = time.monotonic() + self._auth_setup_seconds
        while (message := await _json(socket, deadline - time.monotonic())) is not None:
            answer = await self._login(request, message)
            await socket.send_str(json.dumps(answer))
            if answer["result"] == "ok":
                break
        # The client closes; until then the socket stays, as DCV's does.
        while (await socket.receive(max(0.1, deadline - time.monotonic()))).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            pass

    async def _login(self, request, message):
        user = None
        if self._needs_login and self._verifier:
            try:
                user = await self._token_user(request, message)
            except verifier.Rejected as error:
                self._log.warn("authentication", f"Failed login from client '{client(request)}': {error}")
                return {"result": "error", "error": "AUTHENTICATION_REJECTED", "message": str(error)}
        elif self._needs_login:
            user, password = message.get("username"), message.get("password")
            if not isinstance(user, str) or not isinstance(password, str):
                return {"result": "error", "error": "CREDENTIALS_REQUESTED", "message": "Log in"}
            if not await self._launcher.password_is(user, password):
                self._log.warn("authentication", f"Failed login of user '{user}' from client '{client(request)}'")
                return {"result": "error", "error": "WRONG_CREDENTIALS", "message": "Wrong username or password"}
        wanted = message.get("sessionId")
        mine = [s for s in self._sessions.running() if user is None or s.owner == user]
        if wanted is None:
            session = mine[0] if len(mine) == 1 else None
            error = ("NO_SESSIONS", NO_SESSION if not mine else "Several sessions: add #SESSION to the address")
        else:
            session = next((s for s in mine if s.id == wanted), None)
            error = ("SESSION_NOT_AVAILABLE" if mine else "NO_SESSIONS", f"The {wanted} session is not available")
            error = error if mine else ("NO_SESSIONS", NO_SESSION)
        if session is None:
            self._unknown_session(request, wanted)
            return {"result": "error", "error": error[0], "message": error[1]}
        host = os.uname().nodename
        return {"result": "ok", "sessionId": session.id, "authToken": session.token, "host": host}

    async def _token_user(self, request, message):
        """Whose token a viewer shows, as the program behind auth-token-verifier knows it."""
        token, session = message.get("authenticationToken"), message.get("sessionId") or ""
        if not isinstance(token, str) or not isinstance(session, str):
            raise verifier.Rejected("No token")
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        return await verifier.user_of(self._verifier, session, token, peer[0] if peer else "")

    def _unknown_session(self, request, wanted):
        self._log.warn(
            "frontend-handler", f"Invalid connection request from client '{client(request)}': unknown session '{wanted}'"
        )

    async def _channel(self, request, socket):
        """One channel of a viewer. It says first which one, and shows the token that `auth` gave it."""
        message = await _json(socket, self._setup_seconds)
        if message is None:
            return
        session = next((s for s in self._sessions.running() if s.id == message.get("sessionId")), None)
        if session is None or message.get("authToken") != session.token:
            self._unknown_session(request, message.get("sessionId"))
            await _refuse(socket, "INVALID_SESSION_ID", "The connection has been closed.")
            return
        name = message.get("channel")
        if name == "main":
            await self._main_channel(request, socket, session)
            return
        connection = session.connections.get(message.get("connectionId"))
        if name != "display" or connection is None:
            await _refuse(socket, "GENERIC_ERROR", "Failed to communicate with server.")
            return
        self._log.info("channel", f"Channel dcv::display established with client {client(request)}")
        await _display_channel(socket, session, connection)

    async def _main_channel(self, request, socket, session):
        """The channel a connection lives by: open as long as the viewer is connected."""
        try:
            connection = self._sessions.connect(
                session,
                request.headers.get("User-Agent", ""),
                client(request),
                lambda error, text: _refuse(socket, error, text),
            )
        except Refused as error:
            await _refuse(socket, "CONNECTION_LIMIT_REACHED", str(error))
            return
        self._log.info(
            "frontend-handler", f"Client '{client(request)}' connected to session '{session.id}' as {connection.number}"
        )
        try:
            await socket.send_str(json.dumps({"result": "ok", "connectionId": connection.number}))
            while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
                connection.last_interaction = time.time()
        finally:
            self._sessions.disconnect(session, connection)
            self._log.info("frontend-handler", f"Client '{client(request)}' disconnected from session '{session.id}'")


async def _display_channel(socket, session, connection):
    """The desktop's pixels and the viewer's keys: RFB, from the WebSocket to Xvnc's socket and back."""
    reader, writer = await asyncio.open_unix_connection(session.rfb)

    async def pixels():
        while data := await reader.read(65536):
            await socket.send_bytes(data)
            connection.first_frame = connection.first_frame or time.time()
        await socket.close(code=WSCloseCode.GOING_AWAY)

    pump = asyncio.create_task(pixels())
    try:
        async for message in socket:
            if message.type != WSMsgType.BINARY:
                continue
            if message.data[:1] in (b"\x04", b"\x05"):  # a key or the pointer
                connection.last_interaction = time.time()
            writer.write(message.data)
            await writer.drain()
    finally:
        pump.cancel()
        writer.close()


async def _json(socket, seconds):
    """The next message, an object; None when there is none in time or it is something else (the socket is closed)."""
    try:
        message = await socket.receive(max(0.1, seconds))
    except asyncio.TimeoutError:
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"connection setup timed out")
        return None
    if message.type == WSMsgType.TEXT:
        with contextlib.suppress(ValueError):
            if isinstance(value := json.loads(message.data), dict):
                return value
    await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
    return None


async def _refuse(socket, error, text):
    if socket.closed:
        return
    with contextlib.suppress(ConnectionError):
        await socket.send_str(json.dumps({"result": "error", "error": error, "message": text}))
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=error.encode())


def client(request):
    """A client as DCV's log writes it: with the address that a proxy forwarded for, if one says so."""
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    address = f"{peer[0]}:{peer[1]}" if peer else "unknown"
    forwarded = request.headers.get("X-Forwarded-For", "").strip()
    return f"{address} (forwarded for {forwarded[:200]})" if forwarded else address


def _headers(config):
    headers = list(config.get("connectivity", "web-extra-http-headers"))
    if frames := config.get("connectivity", "web-x-frame-options"):
        headers.append(("X-Frame-Options", frames))
    if config.get("connectivity", "web-use-hsts"):
        headers.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    return headers


def _file_response(file):
    kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
    if kind in ("application/javascript", "application/x-javascript"):
        kind = "text/javascript"
    if kind == "text/html":
        kind = 'text/html; charset="utf-8"'
    with open(file, "rb") as content:
        return web.Response(body=content.read(), headers={"Content-Type": kind})


def _split_endpoint(endpoint, port):
    """'0.0.0.0', '::', '127.0.0.1:8443' or '[::1]:8443'."""
    if bracketed := re.fullmatch(r"\[(.+)\](?::(\d+))?", endpoint):
        return bracketed.group(1), int(bracketed.group(2) or port)
    if with_port := re.fullmatch(r"([^:]+):(\d+)", endpoint):
        return with_port.group(1), int(with_port.group(2))
    return endpoint, port


def _changed(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino

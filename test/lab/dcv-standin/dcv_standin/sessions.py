"""The sessions of one server: what `dcv` asks about, and the rules that the documentation states."""
import asyncio
import datetime
import pwd
import re
import secrets
import time

from .faults import fault


class Refused(Exception):
    """A request that fails. `whole`: the message stands alone, without "Could not create session." before it."""

    def __init__(self, message, whole=False):
        super().__init__(message)
        self.whole = whole


def timestamp(moment):
    """A point in time as JSON shows it: UTC, fractional seconds; empty means never."""
    if moment is None:
        return ""
    form = "%Y-%m-%dT%H:%M:%SZ" if fault("whole-seconds") else "%Y-%m-%dT%H:%M:%S.%fZ"
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime(form)


class Connection:
    """One viewer: what `dcv list-connections` shows."""

    def __init__(self, number, username, user_agent, address, close):
        self.number, self.username, self.user_agent, self.address, self.close = (
            number,
            username,
            user_agent,
            address,
            close,
        )
        self.connected = self.last_interaction = time.time()
        self.first_frame = None

    def as_json(self):
        return {
            "id": self.number,
            "username": self.username,
            "user-agent": self.user_agent,
            "client-mode": "classic",
            "client-address": self.address,
            "connection-time": timestamp(self.connected),
            "last-interaction-time": timestamp(self.last_interaction),
            "first-frame-time": timestamp(self.first_frame),
            "transport": "websocket",
        }


class Session:
    def __init__(self, request, user, owner, creator):
        self.id = request["id"]
        self.type = request["type"]
        self.name = request["name"]
        self.user = user
        self.owner = owner
        # Who sees it, besides root.
        self.creator = creator
        self.permissions_file = request["permissions-file"]
        self.storage_root = request["storage-root"]
        self.max_clients = request["max-concurrent-clients"]
        # What a viewer has to show on its channels, once `auth` has let it in.
        self.token = secrets.token_urlsafe(24)
        self.created = time.time()
        self.last_disconnection = None
        self.connections = {}
        self.next_connection = 1
        self.ready = False
        # Set by the launcher: where the desktop is.
        self.display = self.x_authority = self.rfb = None
        # What set-display-layout said; the display itself stays as it is.
        self.layout = [{"width": 1280, "height": 800, "x": 0, "y": 0}]

    def as_json(self):
        checked = timestamp(self.created)
        whole = {
            "id": self.id,
            "owner": self.owner,
            "name": self.name,
            "user": self.user,
            "status": "created",
            "num-of-connections": len(self.connections),
            "creation-time": timestamp(self.created),
            "last-disconnection-time": timestamp(self.last_disconnection),
            "licensing-mode": "DEMO",
            "licenses": [
                {"product": "dcv", "status": "LICENSED", "check-timestamp": checked, "expiration-date": ""},
            ],
            "storage-root": self.storage_root,
            "type": self.type,
            "x11-display": self.display,
            "x11-authority": self.x_authority,
            "display-layout": self.layout,
        }
        if not fault("documented-json"):
            return whole
        for licence in whole["licenses"]:
            licence["status"] = licence["status"].lower()
        return {key: value for key, value in whole.items() if key not in ("user", "status", "licensing-mode")}


class Sessions:
    """All sessions. `launcher` starts and stops their desktops; `ended` is called with a session that is gone."""

    def __init__(self, config, log, launcher):
        self._config, self._log, self._launcher = config, log, launcher
        self._sessions = {}

    def visible(self, uid):
        """The running sessions that a user may see: root all, others those they created."""
        return [s for s in self._sessions.values() if s.ready and uid in (0, s.creator)]

    def find(self, session_id, uid):
        session = self._sessions.get(session_id)
        if session is None or not session.ready or uid not in (0, session.creator):
            raise Refused(f"Could not find session '{session_id}'")
        return session

    def running(self):
        return [session for session in self._sessions.values() if session.ready]

    async def create(self, request, uid):
        session = self._accepted(request, uid)
        self._sessions[session.id] = session
        try:
            await asyncio.sleep(fault("slow-create-seconds") or 0)
            place = await self._launcher.start(
                {
                    "id": session.id,
                    "type": session.type,
                    "user": session.user,
                    "init": request["init"],
                    "storage-root": session.storage_root,
                    "xdcv-args": self._config().get("session-management", "virtual-session-xdcv-args"),
                    "dies-after": fault("session-dies-after-seconds"),
                    "dies-message": fault("session-dies-message"),
                }
            )
        except Refused as error:
            del self._sessions[session.id]
            self._log.error("session-manager", f"Could not create session '{session.id}': {error}")
            raise
        session.display, session.x_authority, session.rfb = place["display"], place["x-authority"], place["rfb"]
        session.storage_root = place["storage-root"]
        session.ready = True
        self._log.info(
            "session-manager",
            f"Created {session.type} session '{session.id}' (owner:{session.owner} user:{session.user}) "
            f"on {session.display}",
        )
        return session

    def _accepted(self, request, uid):
        """The session that a request asks for, if the rules allow it."""
        session_id, kind = request["id"], request["type"]
        if fault("create-fails"):
            raise Refused(fault("create-fails"))
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", session_id):
            raise Refused(f"Invalid session id '{session_id}'")
        if session_id in self._sessions:
            raise Refused(f"A session with id '{session_id}' already exists")
        if kind == "console" and uid != 0:
            raise Refused("Only the root user can create console sessions")
        types = [session.type for session in self._sessions.values()]
        if kind == "console" and "console" in types:
            raise Refused("A console session already exists")
        if kind == "console" and "virtual" in types:
            raise Refused("Console and virtual sessions cannot run on the same server: there are virtual sessions")
        if kind == "virtual" and "console" in types:
            raise Refused("Console and virtual sessions cannot run on the same server: there is a console session")
        caller = _user_name(uid)
        user = "dcv" if kind == "console" else request["user"] or caller
        if kind == "virtual" and user != caller and uid != 0:
            raise Refused("Only the root user can create sessions for other users")
        owner = request["owner"] or caller
        for name in (user, owner):
            if _uid_of(name) is None:
                raise Refused(f"User '{name}' does not exist")
        self._within_limits(kind, user)
        if fault("no-licence"):
            if fault("licence-log"):
                self._log.warn("license-manager", fault("licence-log"))
            raise Refused(
                f"Could not create {kind} session: Could not acquire dcv licenses: No license for product (-1)",
                whole=True,
            )
        return Session(request, user, owner, 0 if kind == "console" else _uid_of(user))

    def _within_limits(self, kind, user):
        if kind == "console":
            return
        most = self._config().get("session-management", "max-concurrent-sessions")
        if most > 0 and len(self._sessions) >= most:
            raise Refused("The maximum number of concurrent sessions has been reached")
        most = self._config().get("session-management", "max-sessions-per-user")
        if most > 0 and sum(session.user == user for session in self._sessions.values()) >= most:
            raise Refused(f"The maximum number of sessions of user '{user}' has been reached")

    async def close(self, session_id, uid):
        session = self.find(session_id, uid)
        self._log.info("session-manager", f"Closing session '{session.id}'")
        await self._launcher.stop(session.id)
        await self.ended(session.id, "closed")

    async def ended(self, session_id, reason):
        """A session's desktop is gone, for whatever reason; its viewers are told."""
        session = self._sessions.get(session_id)
        if session is None or not session.ready:
            return
        del self._sessions[session_id]
        level = self._log.info if reason == "closed" else self._log.warn
        level("session-manager", f"Session '{session_id}' ended: {reason}")
        for connection in list(session.connections.values()):
            await connection.close("SESSION_CLOSED", "The connection has been closed.")

    async def all_ended(self, reason):
        for session in self.running():
            await self.ended(session.id, reason)

    def connect(self, session, user_agent, address, close):
        """Admits a viewer, or says why not: Refused."""
        limits = [session.max_clients, self._config().get("session-management", "max-concurrent-clients")]
        if any(0 <= limit <= len(session.connections) for limit in limits):
            raise Refused("Maximum number of clients reached")
        connection = Connection(session.next_connection, session.owner, user_agent, address, close)
        session.next_connection += 1
        session.connections[connection.number] = connection
        return connection

    def disconnect(self, session, connection):
        if session.connections.pop(connection.number, None) is not None:
            session.last_disconnection = time.time()


def _user_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _uid_of(name):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None

"""Where the stand-in keeps what. DCV_STANDIN_PREFIX puts all of it below another directory, for tests without root."""
import os

_PREFIX = os.environ.get("DCV_STANDIN_PREFIX", "")

CONF = _PREFIX + "/etc/dcv/dcv.conf"
DEFAULT_PERMISSIONS = _PREFIX + "/etc/dcv/default.perm"
SESSION_INIT = _PREFIX + "/etc/dcv/dcvsessioninit"
CERTIFICATE = _PREFIX + "/etc/dcv/dcv.pem"
CERTIFICATE_KEY = _PREFIX + "/etc/dcv/dcv.key"
FAULTS = _PREFIX + "/etc/dcv-standin/faults.json"
LOGS = _PREFIX + "/var/log/dcv"
WWW = _PREFIX + "/usr/share/dcv/www"
NOVNC = _PREFIX + "/usr/share/novnc"
AGENT = _PREFIX + "/usr/libexec/dcv/dcvagent"

# Where `dcv` talks to dcvserver: what the D-Bus name com.nicesoftware.DcvServer is to the real one.
CONTROL = _PREFIX + "/run/dcv/control.sock"
# Where dcvserver talks to dcvsessionlauncher, and the directories of the running sessions.
SESSIONS = _PREFIX + "/run/dcv-sessions"
LAUNCHER = SESSIONS + "/launcher.sock"

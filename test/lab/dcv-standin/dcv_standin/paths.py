"""Where the stand-in keeps what."""

CONF = "/etc/dcv/dcv.conf"
SESSION_INIT = "/etc/dcv/dcvsessioninit"
CERTIFICATE = "/etc/dcv/dcv.pem"
CERTIFICATE_KEY = "/etc/dcv/dcv.key"
FAULTS = "/etc/dcv-standin/faults.json"
LOGS = "/var/log/dcv"
WWW = "/usr/share/dcv/www"
NOVNC = "/usr/share/novnc"
AGENT = "/usr/libexec/dcv/dcvagent"

# Where `dcv` talks to dcvserver: what the D-Bus name com.nicesoftware.DcvServer is to the real one.
CONTROL = "/run/dcv/control.sock"
# Where dcvserver talks to dcvsessionlauncher, and the directories of the running sessions.
SESSIONS = "/run/dcv-sessions"
LAUNCHER = SESSIONS + "/launcher.sock"

import { createHash } from 'node:crypto';
import { lines, program, sh } from '../../shell/shell.ts';
import { type CreateSessionOptions, createSession, listSessionsAsText } from '../commands.ts';
import { DcvCommand, runDcv } from '../run-dcv.ts';
import type { PlacedFile } from '../session/place-file.ts';

/*
 * What `session persist` puts on an agent: a unit that runs whenever dcvserver starts, its program, and the sessions, each
 * with the very command that `session restore` would run.
 */

export const PERSIST_UNIT = 'dcvops-sessions.service';

const PROGRAM_FILE = '/usr/local/lib/dcvops/restore-sessions';
const SESSIONS_FILE = '/etc/dcvops/sessions';
const UNIT_FILE = `/etc/systemd/system/${PERSIST_UNIT}`;

/** Where they are, in the order of {@link persistedFiles}. */
export const PERSISTED_PATHS: readonly string[] = [PROGRAM_FILE, SESSIONS_FILE, UNIT_FILE];

/** The files that have an agent create these sessions by itself. Pure. */
export function persistedFiles(sessions: readonly CreateSessionOptions[]): PlacedFile[] {
  return [
    { path: PROGRAM_FILE, mode: '755', content: textFile(PROGRAM.toString()) },
    { path: SESSIONS_FILE, mode: '644', content: textFile(sessionsText(sessions)) },
    { path: UNIT_FILE, mode: '644', content: textFile(UNIT) },
  ];
}

/** What `cat PATHS | sha256sum` prints for these files, without the name. Pure. */
export function fingerprintOf(files: readonly PlacedFile[]): string {
  return createHash('sha256')
    .update(Buffer.concat(files.map(({ content }) => content)))
    .digest('hex');
}

function textFile(text: string): Buffer {
  return Buffer.from(`${text.trim()}\n`);
}

function sessionsText(sessions: readonly CreateSessionOptions[]): string {
  const calls = sessions.map((session) => sh`session ${session.id} ${createSession(session).text}`);
  return lines(SESSIONS_HEADING, ...calls).toString();
}

const SESSIONS_HEADING = program`
# The DCV sessions of this host. dcvops-sessions.service creates those that are missing whenever dcvserver starts.
# Written by "dcvops session persist" from the inventory, and read by sh.`;

/** Plain `describe-session`, without --json, for every version has it. A dcv that hangs is given its time and no more. */
const PROGRAM = lines(
  program`
#!/bin/sh
# Creates the DCV sessions in /etc/dcvops/sessions that are missing. dcvops-sessions.service runs it; "dcvops session persist"
# writes both, "dcvops session unpersist" takes them away.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
created= failed=
`,
  sh`is_there() { ${runDcv(new DcvCommand(sh`dcv describe-session "$1"`))} >/dev/null 2>&1; }`,
  sh`answers() { ${runDcv(listSessionsAsText())} >/dev/null 2>&1; }`,
  sh`create() { ${runDcv(new DcvCommand(sh`"$@"`), 90)} </dev/null 2>&1; }`,
  program`
# session ID COMMAND...
session() {
  id=$1
  shift
  if is_there "$id"; then
    echo "$id is there already"
  elif output=$(create "$@"); then
    echo "$id created"
    created="$created $id"
  else
    echo "$id was not created: $output" >&2
    failed="$failed $id"
  fi
}

# dcvserver may run for a while before it answers.
end=$(($(date +%s) + 120))
until answers; do
  if [ "$(date +%s)" -ge "$end" ]; then
    echo "dcvserver does not answer" >&2
    exit 1
  fi
  sleep 1
done

. /etc/dcvops/sessions

# A session whose desktop does not start ends at once.
if [ -n "$created" ]; then sleep 3; fi
for id in $created; do
  if ! is_there "$id"; then
    echo "$id was created and ended at once; its logs are in /var/log/dcv" >&2
    failed="$failed $id"
  fi
done
[ -z "$failed" ]`,
);

/**
 * Sessions end with dcvserver, so the unit belongs to it: wanted by it, it starts with it; a part of it, it stops and starts
 * again with it, also after a crash. It never starts or stops dcvserver, so there is no circle; dcvserver's own start limit
 * is limit enough. As root, for dcv lets only root create sessions for others. A client of the system bus needs no more than
 * it is left; its descendants are timeout, sleep and dcv: the desktops are dcvserver's. systemd before 232 passes over what
 * it does not know.
 */
const UNIT = `
# Written by "dcvops session persist", taken away by "dcvops session unpersist".
[Unit]
Description=DCV sessions that come back whenever dcvserver starts
PartOf=dcvserver.service
After=dcvserver.service dcvsessionlauncher.service network-online.target nss-user-lookup.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /usr/local/lib/dcvops/restore-sessions
TimeoutStartSec=15min
SuccessExitStatus=SIGTERM
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

[Install]
WantedBy=dcvserver.service
`;

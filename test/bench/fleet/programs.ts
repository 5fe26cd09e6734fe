/** What a host of the fleet answers, as the scripts of dcvops ask: a session that nobody is connected to, a service that runs. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  dcv: `#!/bin/sh
cat <<'END'
[{"id":"desktop-session","owner":"ec2-user","num-of-connections":0,"creation-time":"2026-11-25T08:00:00.000000Z","type":"virtual","status":"CREATED"}]
END
`,
  systemctl: `#!/bin/sh
cat <<'END'
Id=dcvserver.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
NRestarts=0
Result=success
ConditionResult=yes
MainPID=700
ActiveEnterTimestampMonotonic=21000000
END
`,
};

import type { TestHost } from './host.ts';

const CONF = '/etc/dcv/dcv.conf';

/** systemd starts a unit five times in ten seconds and no more; tests on a fast machine do. */
const FORGET_STARTS = 'systemctl reset-failed dcvserver dcvsessionlauncher 2>/dev/null || true';

/** Brings an agent's stand-in back to what it was installed as: running, without sessions, faults or own settings. */
export async function freshStandin(agent: TestHost): Promise<void> {
  await agent.sh(`rm -f /etc/dcv-standin/faults.json
    if [ -e ${CONF}.shipped ]; then mv ${CONF}.shipped ${CONF}; systemctl stop dcvserver; fi
    ${FORGET_STARTS}
    systemctl start dcvsessionlauncher dcvserver
    until dcv list-sessions >/dev/null 2>&1; do sleep 0.1; done
    for id in $(dcv list-sessions | sed -n "s/^Session: '\\(.*\\)' (owner.*/\\1/p"); do dcv close-session "$id"; done`);
}

/** Switches faults on; test/lab/dcv-standin/README.md lists them. */
export async function setFaults(agent: TestHost, switches: object): Promise<void> {
  await agent.write('/etc/dcv-standin/faults.json', JSON.stringify(switches), '644');
}

/** Changes dcv.conf, as an administrator would, and restarts the server. {@link freshStandin} takes it back. */
export async function configureDcv(agent: TestHost, conf: string): Promise<void> {
  await agent.sh(`[ -e ${CONF}.shipped ] || cp -p ${CONF} ${CONF}.shipped`);
  await agent.write(CONF, conf);
  await restartDcv(agent);
}

/** Restarts the server, however often that was done. */
export async function restartDcv(agent: TestHost): Promise<void> {
  await agent.sh(`${FORGET_STARTS}; systemctl restart dcvserver`);
}

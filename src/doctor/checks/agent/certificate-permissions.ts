import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** dcvserver cannot read its key or certificate, or others can read the key. It wants both as `600 dcv:dcv`. */
export const certificatePermissions = agentCheck({
  id: 'agent/certificate-permissions',
  severity: 'error',
  title: 'The agent’s key has the wrong owner or mode',
  why: 'dcvserver runs as dcv and has no TLS without its files; a key that others can read is no secret.',
  remedy:
    'dcvops exec --sudo AGENT -- chown dcv:dcv /etc/dcv/dcv.pem /etc/dcv/dcv.key\n' +
    'dcvops exec --sudo AGENT -- chmod 600 /etc/dcv/dcv.pem /etc/dcv/dcv.key',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent }) => {
    if (agent.certificate === undefined) return undefined;
    const { mode, keyMode } = agent.certificate;
    const files = [
      { path: '/etc/dcv/dcv.pem', ...readMode(mode) },
      ...(keyMode === undefined ? [] : [{ path: '/etc/dcv/dcv.key', ...readMode(keyMode) }]),
    ];
    const unreadable = files.filter(({ forDcv }) => !forDcv);
    const open = files.filter(({ path, forOthers }) => path.endsWith('.key') && forOthers);
    const wrong = unreadable.length > 0 ? unreadable : open;
    if (wrong.length === 0) return undefined;
    const paths = wrong.map(({ path }) => path);
    return {
      severity: unreadable.length > 0 ? 'error' : 'warning',
      seen: wrong
        .map(
          ({ path, text, forDcv }) =>
            `${path} is ${text}: ${forDcv ? 'others can read it' : 'dcv cannot read it'}`,
        )
        .join('; '),
      remedy: steps(asRoot(name, 'chown', 'dcv:dcv', ...paths), asRoot(name, 'chmod', '600', ...paths)),
    };
  },
});

/** `640 root:dcv`; what is written otherwise counts as fine. */
function readMode(text: string): {
  readonly text: string;
  readonly forDcv: boolean;
  readonly forOthers: boolean;
} {
  const [, bits = '', owner = '', group = ''] = /^(\d{3,4}) ([^:]*):(.*)$/.exec(text) ?? [];
  if (bits === '') return { text, forDcv: true, forOthers: false };
  const mode = Number.parseInt(bits, 8);
  const forOthers = (mode & 0o004) !== 0;
  const forDcv =
    forOthers || (owner === 'dcv' && (mode & 0o400) !== 0) || (group === 'dcv' && (mode & 0o040) !== 0);
  return { text, forDcv, forOthers };
}

import { proxyCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** No nginx, or one that cannot even say its version. */
export const nginxMissing = proxyCheck({
  id: 'proxy/nginx-missing',
  severity: 'error',
  title: 'nginx is not installed',
  why: 'There is no gateway without it.',
  remedy: 'dcvops deploy --prepare-host PROXY',
  symptoms: ['nginx'],
  look: ({ name, proxy, system }) => {
    if (proxy.nginx !== undefined) return undefined;
    const { nginxProblem: problem } = proxy;
    if (problem === undefined) {
      return { seen: 'there is no program nginx', remedy: `dcvops deploy --prepare-host ${name}` };
    }
    const reinstall = REINSTALL[system.packageManager ?? 'dnf'];
    return {
      seen: 'there is a program nginx, but it does not tell its version',
      evidence: [problem],
      remedy: `${asRoot(name, 'nginx', '-V')}\n${asRoot(name, ...reinstall)}`,
    };
  },
});

const REINSTALL = {
  'apt-get': ['apt-get', 'install', '-y', '--reinstall', 'nginx'],
  dnf: ['dnf', 'reinstall', '-y', 'nginx'],
  yum: ['yum', 'reinstall', '-y', 'nginx'],
  zypper: ['zypper', '--non-interactive', 'install', '--force', 'nginx'],
} as const;

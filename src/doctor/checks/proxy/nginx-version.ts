import { OLDEST_NGINX, type Version, atLeast } from '../../../gateway/nginx-facts.ts';
import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { SystemFacts } from '../../facts/system.ts';

/**
 * An nginx that lacks the fix of a known weakness, or is older than the gateway was tried with. Distributions put fixes into
 * older versions, so of their packages the number tells nothing; it does for nginx.org's and for nginx built by hand.
 */
export const nginxVersion = proxyCheck({
  id: 'proxy/nginx-version',
  severity: 'warning',
  title: 'nginx is too old',
  why: 'It has known weaknesses. The gateway’s own file uses none of what they need; other sites of this nginx may.',
  remedy: 'dcvops exec --sudo PROXY -- nginx -v\nupdate nginx with the host’s package manager',
  symptoms: ['nginx'],
  look: ({ name, proxy, system }) => {
    const { nginx } = proxy;
    if (nginx === undefined) return undefined;
    const version = nginx.version.join('.');
    if (!atLeast(nginx.version, OLDEST_NGINX)) {
      return {
        severity: 'error',
        seen: `nginx ${version}; the gateway needs ${OLDEST_NGINX.join('.')} or newer`,
        remedy: steps(asRoot(name, 'nginx', '-v'), 'update nginx with the host’s package manager'),
      };
    }
    const source = sourceOf(nginx.version, system);
    const missing = WEAKNESSES.filter(({ fixed }) => !isFixed(nginx.version, fixed));
    if (source === 'distribution' || missing.length === 0) return undefined;
    const from = source === 'nginx.org' ? 'nginx.org' : 'built by hand';
    return {
      seen: `nginx ${version} (${from}) has ${missing.map(({ cve }) => cve).join(', ')}`,
      remedy: steps(
        asRoot(name, 'nginx', '-v'),
        source === 'nginx.org' && system.packageManager !== undefined
          ? asRoot(name, ...UPDATE[system.packageManager])
          : 'build nginx 1.30.4, 1.31.3 or newer, or install a package that is kept up to date',
      ),
    };
  },
});

/** nginx's change log, at the stable branch 1.30 and at the main line. All are about `rewrite` and `map` with captures. */
const WEAKNESSES: readonly { readonly cve: string; readonly fixed: readonly [Version, Version] }[] = [
  {
    cve: 'CVE-2026-42945',
    fixed: [
      [1, 30, 1],
      [1, 31, 0],
    ],
  },
  {
    cve: 'CVE-2026-9256',
    fixed: [
      [1, 30, 2],
      [1, 31, 1],
    ],
  },
  {
    cve: 'CVE-2026-42533',
    fixed: [
      [1, 30, 4],
      [1, 31, 3],
    ],
  },
];

function isFixed(version: readonly number[], [stable, main]: readonly [Version, Version]): boolean {
  const [major = 0, minor = 0, patch = 0] = version;
  return atLeast([major, minor, patch], major === 1 && minor === 30 ? stable : main);
}

const UPDATE = {
  'apt-get': ['apt-get', 'install', '-y', '--only-upgrade', 'nginx'],
  dnf: ['dnf', 'upgrade', '-y', 'nginx'],
  yum: ['yum', 'update', '-y', 'nginx'],
  zypper: ['zypper', '--non-interactive', 'update', 'nginx'],
} as const;

/** The packages that bring the program; Debian has one for each choice of modules. */
const PROGRAMS = ['nginx', 'nginx-core', 'nginx-light', 'nginx-full', 'nginx-extras', 'nginx-mainline'];

/**
 * Whose build it is, by its package's version: nginx.org's are `1.28.0-1~bookworm` and `1.28.0-1.el9.ngx`. A host whose
 * packages are not known gets the benefit of the doubt.
 */
function sourceOf(
  version: readonly number[],
  { packages }: Pick<SystemFacts, 'packages'>,
): 'distribution' | 'nginx.org' | 'own' {
  if (packages === undefined || Object.keys(packages).length === 0) return 'distribution';
  const installed = PROGRAMS.flatMap((name) => packages[name] ?? []).map((text) => text.replace(/^\d+:/, ''));
  const own = installed.find((text) => text.startsWith(`${version.join('.')}-`));
  if (own === undefined) return 'own';
  return /-\d+~[a-z]+$|\.ngx$/.test(own) ? 'nginx.org' : 'distribution';
}

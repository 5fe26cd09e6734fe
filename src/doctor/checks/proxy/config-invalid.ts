import { LIVE_FILE } from '../../../gateway/release.ts';
import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { linesOf } from '../../parse/lines.ts';
import { isRunning } from './view.ts';

/** `nginx -t` refuses the files as they are on disk, all of them together. */
export const configInvalid = proxyCheck({
  id: 'proxy/config-invalid',
  severity: 'error',
  title: 'nginx refuses its configuration',
  why: 'nginx goes on with what it read before. The next deploy fails, and after a boot there is no gateway.',
  remedy: 'dcvops exec --sudo PROXY -- nginx -t',
  symptoms: ['nginx'],
  follows: [
    'proxy/nginx-missing',
    'proxy/certificate-missing',
    'proxy/key-mismatch',
    'proxy/pool-file',
    'host/disk-full',
    'host/inodes-full',
  ],
  look: (view) => {
    const { name, proxy } = view;
    if (proxy.test === undefined || proxy.test.ok) return undefined;
    const output = linesOf(proxy.test.output).filter((line) => !line.endsWith(' test failed'));
    const file = / in (\/\S+?):\d+$/m.exec(proxy.test.output)?.[1];
    const later = isRunning(view) ? '; it still serves what it read before' : '';
    return {
      seen: `nginx -t fails${file === undefined ? '' : ` at ${file}`}${later}`,
      evidence: output.slice(-5),
      remedy: steps(
        asRoot(name, 'nginx', '-t'),
        file === LIVE_FILE
          ? `dcvops deploy ${name}`
          : file === undefined
            ? `correct what it names, then: dcvops deploy ${name}`
            : `correct ${file}, then: dcvops deploy ${name}`,
      ),
    };
  },
});

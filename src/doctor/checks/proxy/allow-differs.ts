import { canonicalNetwork } from '../../../gateway/addresses.ts';
import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { NOT_THE_INVENTORYS } from './causes.ts';

/** The gateway lets in others than the inventory says. */
export const allowDiffers = proxyCheck({
  id: 'proxy/allow-differs',
  severity: 'warning',
  title: 'The gateway’s access rules are not the inventory’s',
  why: 'People who should get in do not, or others do, until the inventory is deployed.',
  remedy: 'dcvops deploy --dry-run PROXY\ndcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: [...NOT_THE_INVENTORYS, 'proxy/open-to-everybody'],
  look: ({ name, proxy, set }) => {
    const { allow: wanted, deny = [], address } = set.inventory.gateway;
    const live = proxy.live?.allow;
    if (live === undefined) return undefined;
    // the host itself is let in apart from the others
    const self = ['127.0.0.1', '::1', ...(address === undefined ? [] : [address])].map(canonical);
    const rules = (list: readonly string[]): string[] =>
      [...new Set(list.map(canonical))].filter((entry) => !self.includes(entry));
    const inFile = rules(live);
    const inInventory = rules(wanted);
    const more = inFile.filter((entry) => !inInventory.includes(entry));
    const less = inInventory.filter((entry) => !inFile.includes(entry));
    const denied = rules(proxy.live?.deny ?? []);
    const notDenied = rules(deny).filter((entry) => !denied.includes(entry));
    if (more.length === 0 && less.length === 0 && notDenied.length === 0) return undefined;
    return {
      severity: more.includes('any') ? 'error' : 'warning',
      seen: [
        ...(more.length === 0 ? [] : [`lets in ${sayAll(more)}, which the inventory does not`]),
        ...(less.length === 0 ? [] : [`does not yet let in ${sayAll(less)}`]),
        ...(notDenied.length === 0 ? [] : [`does not yet refuse ${someOf(notDenied)}`]),
      ].join('; '),
      remedy: `dcvops deploy --dry-run ${name}\ndcvops deploy ${name}`,
    };
  },
});

const sayAll = (rules: readonly string[]): string => (rules.includes('any') ? 'everybody' : someOf(rules));

/** One spelling for the same network; what is none stays as it is. */
function canonical(entry: string): string {
  try {
    return canonicalNetwork(entry);
  } catch {
    return entry;
  }
}

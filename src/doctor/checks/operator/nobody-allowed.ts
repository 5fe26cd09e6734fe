import { isInside } from '../../../inventory/addresses.ts';
import { operatorCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';

/** Lists of which nothing is left: whatever allow names, deny takes away. */
export const nobodyAllowed = operatorCheck({
  id: 'operator/nobody-allowed',
  severity: 'error',
  title: 'The access lists let nobody in',
  why: 'deny wins over allow, and here it holds every network of it: after the next deploy, everybody is refused.',
  remedy: 'make access.deny in the inventory smaller, then: dcvops deploy',
  look: ({ inventory }) => {
    const { gateway, agents, file } = inventory;
    const lists = [
      { where: 'gateway.access', involves: undefined, allow: gateway.allow, deny: gateway.deny ?? [] },
      ...agents.map(({ name, access }) => ({
        where: `access of ${name}`,
        involves: [name],
        allow: access?.allow ?? ['any'],
        deny: access?.deny ?? [],
      })),
    ];
    return lists
      .filter(({ allow, deny }) => leavesNothing(allow, deny))
      .map(({ where, involves, deny }) => ({
        seen: `${where} allows nothing that its deny (${someOf(deny)}) does not take away`,
        remedy: `make the deny of ${where} in ${file} smaller, then: dcvops deploy`,
        ...(involves === undefined ? {} : { involves }),
      }));
  },
});

function leavesNothing(allow: readonly string[], deny: readonly string[]): boolean {
  if (allow.includes('any') || allow.length === 0) return false;
  return allow.every((network) => deny.some((other) => isInside(network, other)));
}

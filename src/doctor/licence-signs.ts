import type { SignatureFacts } from './facts/agent.ts';

/** Lines of DCV's logs that say that it has no licence, as `dcv/signatures.ts` names them. */
const IDS = new Set([
  'licence-s3',
  'licence-server',
  'licence-version',
  'licence-hostname',
  'licence-permission',
  'licences-in-use',
  'no-licence',
]);

/** Is this line about a licence? */
export function isAboutLicence({ id }: Pick<SignatureFacts, 'id'>): boolean {
  return IDS.has(id);
}

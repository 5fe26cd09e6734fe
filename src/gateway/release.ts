import { createHash } from 'node:crypto';

/** Where the gateway's configuration lives on a proxy: every distribution's nginx.conf includes this directory. */
export const LIVE_FILE = '/etc/nginx/conf.d/dcv-gateway.conf';

/** What dcvops keeps on a proxy. */
export const STATE_DIRECTORY = '/var/lib/dcvops';

/** Stands where the id will stand while the id is computed. */
const NO_ID = '000000000000';

/**
 * Writes content that holds its own release id: the id is the first 12 hex digits of the SHA-256 of the content that
 * has zeros where the id stands.
 */
export function withReleaseId(write: (releaseId: string) => string): { releaseId: string; content: string } {
  const releaseId = hash(write(NO_ID));
  return { releaseId, content: write(releaseId) };
}

/** The release id that a configuration says it has; undefined for a file that dcvops didn't write. */
export function releaseIdOf(content: string): string | undefined {
  return /^# release: ([0-9a-f]{12})$/m.exec(content)?.[1];
}

/** Is this a configuration of dcvops as dcvops wrote it, or has somebody edited it since? */
export function isUnedited(content: string): boolean {
  const id = releaseIdOf(content);
  return id !== undefined && hash(content.replaceAll(id, NO_ID)) === id;
}

/** A line of the configuration's header for each file that goes with it, so that the release id covers them all. */
export function fileLine(path: string, content: string): string {
  return `# with ${path} sha256 ${createHash('sha256').update(content).digest('hex')}`;
}

/** The files that go with a configuration, as its header tells them; none for a file that dcvops didn't write. */
export function filesOf(config: string): { readonly path: string; readonly sha256: string }[] {
  const lines = config.matchAll(/^# with (\S+) sha256 ([0-9a-f]{64})$/gm);
  return [...lines].map(([, path = '', sha256 = '']) => ({ path, sha256 }));
}

/** Is this file, which goes with a configuration of dcvops, as that configuration says? */
export function isAsReleased(
  config: string,
  file: { readonly path: string; readonly content: string },
): boolean {
  return config.split('\n').includes(fileLine(file.path, file.content));
}

function hash(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

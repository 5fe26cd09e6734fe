/** No permissions file is larger; one that is was not meant. In bytes. */
export const LARGEST_PERMISSIONS = 64 * 1024;

/**
 * What makes a file no permissions file of DCV, or undefined. They are text with a section `[permissions]`, or import one
 * that has it. Each rule is DCV's to judge.
 */
export function permissionsProblem(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return 'it is empty';
  if (bytes.length > LARGEST_PERMISSIONS) return `it is larger than ${LARGEST_PERMISSIONS / 1024} KiB`;
  if (bytes.includes(0)) return 'it is not text';
  if (!/^\s*(?:\[permissions\]|#import\s)/m.test(bytes.toString())) return 'it has no [permissions] section';
  return undefined;
}

import { sh } from '../../../shell/shell.ts';
import { operatorCheck } from '../../check.ts';

/** What OpenSSH refuses a private key for (sshkey_perm_ok in authfile.c): any right of the group or of others. */
const NOT_MINE = 0o077;

export const keyMode = operatorCheck({
  id: 'operator/key-mode',
  severity: 'warning',
  title: 'A private key can be read by others',
  why: 'Whoever can read it can log in to the hosts. ssh itself refuses such a key ("UNPROTECTED PRIVATE KEY FILE"), and dcvops ssh with it.',
  remedy: 'chmod 600 KEY',
  fix: 'sets mode 600; undone with chmod',
  look: ({ operator }) =>
    operator.keys.flatMap(({ path, state, mode }) => {
      if (state !== 'ok' || mode === undefined || (Number.parseInt(mode, 8) & NOT_MINE) === 0) return [];
      return [
        {
          seen: `${path} has mode ${mode}`,
          remedy: String(sh`chmod 600 ${path}`),
          fix: {
            kind: 'local-mode' as const,
            title: `set mode 600 for ${path}`,
            file: path,
            mode: 0o600,
            undo: String(sh`chmod ${mode} ${path}`),
          },
        },
      ];
    }),
});

import { sh } from '../../../shell/shell.ts';
import type { Sighting } from '../../check.ts';

const BY_OTHERS = 0o002;

/** A file of this machine that everybody may write, with what ends that; undefined: it is not. Pure. */
export function writableByOthers(file: string, mode: string | undefined): Sighting | undefined {
  if (mode === undefined || (Number.parseInt(mode, 8) & BY_OTHERS) === 0) return undefined;
  return {
    seen: `${file} has mode ${mode}`,
    remedy: String(sh`chmod o-w ${file}`),
    fix: {
      kind: 'local-mode',
      title: `take the right to write ${file} from others`,
      file,
      mode: Number.parseInt(mode, 8) & ~BY_OTHERS,
      undo: String(sh`chmod ${mode} ${file}`),
    },
  };
}

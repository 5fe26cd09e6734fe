import { sh } from '../../../shell/shell.ts';
import { operatorCheck } from '../../check.ts';

const BY_OTHERS = 0o002;

export const inventoryWritable = operatorCheck({
  id: 'operator/inventory-writable',
  severity: 'warning',
  title: 'Everybody on this machine may change the inventory',
  why: 'Whoever can write it decides what the next deploy opens, and to whom.',
  remedy: 'chmod o-w FILE',
  fix: 'takes the right to write from others; undone with chmod',
  look({ operator }) {
    const { file, mode } = operator.inventory;
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
  },
});

import { operatorCheck } from '../../check.ts';
import { writableByOthers } from './writable.ts';

export const inventoryWritable = operatorCheck({
  id: 'operator/inventory-writable',
  severity: 'warning',
  title: 'Everybody on this machine may change the inventory',
  why: 'Whoever can write it decides what the next deploy opens, and to whom.',
  remedy: 'chmod o-w FILE',
  fix: 'takes the right to write from others; undone with chmod',
  look: ({ operator }) => writableByOthers(operator.inventory.file, operator.inventory.mode),
});

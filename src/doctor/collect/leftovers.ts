import { program } from '../../shell/shell.ts';

export const LEFTOVERS = program``;

import { program } from '../../shell/shell.ts';

export const SYSTEM = program``;

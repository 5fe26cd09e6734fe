import { program } from '../../shell/shell.ts';

export const PROXY = program``;

import { program } from '../../shell/shell.ts';

export const AGENT = program``;

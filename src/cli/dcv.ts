import type { Command } from 'commander';
import { registerConfig } from './dcv/config.ts';
import { registerHarden } from './dcv/harden.ts';

export function registerDcv(program: Command): void {
  const dcv = program.command('dcv').description('DCV’s own configuration on the agents: dcv.conf');
  registerConfig(dcv);
  registerHarden(dcv);
}

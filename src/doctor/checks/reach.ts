import type { Check } from '../check.ts';
import { behindProxy } from './reach/behind-proxy.ts';
import { dns } from './reach/dns.ts';
import { factsMissing } from './reach/facts-missing.ts';
import { hostKeyUnknown } from './reach/host-key-unknown.ts';
import { hostKey } from './reach/host-key.ts';
import { jump } from './reach/jump.ts';
import { keyUnusable } from './reach/key-unusable.ts';
import { login } from './reach/login.ts';
import { noAnswer } from './reach/no-answer.ts';
import { sudo } from './reach/sudo.ts';

export const REACH_CHECKS: readonly Check[] = [
  dns,
  noAnswer,
  behindProxy,
  hostKeyUnknown,
  hostKey,
  keyUnusable,
  login,
  jump,
  sudo,
  factsMissing,
];

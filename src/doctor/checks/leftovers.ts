import type { Check } from '../check.ts';
import { broker } from './leftovers/broker.ts';
import { connectionGateway } from './leftovers/connection-gateway.ts';
import { olderNginxFiles } from './leftovers/older-nginx-files.ts';
import { resolver } from './leftovers/resolver.ts';
import { sessionManagerAgent } from './leftovers/session-manager-agent.ts';
import { tokenVerifier } from './leftovers/token-verifier.ts';

/** What earlier attempts left: what keeps people out first. */
export const LEFTOVER_CHECKS: readonly Check[] = [
  tokenVerifier,
  connectionGateway,
  resolver,
  broker,
  sessionManagerAgent,
  olderNginxFiles,
];

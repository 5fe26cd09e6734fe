import type { Check } from '../check.ts';
import { accessDenied } from './path/access-denied.ts';
import { agentUnreachable } from './path/agent-unreachable.ts';
import { gatewayForeign } from './path/gateway-foreign.ts';
import { gatewayUnreachable } from './path/gateway-unreachable.ts';
import { hostRefused } from './path/host-refused.ts';
import { http2 } from './path/http2.ts';
import { page } from './path/page.ts';
import { route } from './path/route.ts';
import { slow } from './path/slow.ts';
import { webSocket } from './path/web-socket.ts';

export const PATH_CHECKS: readonly Check[] = [
  gatewayUnreachable,
  gatewayForeign,
  accessDenied,
  http2,
  agentUnreachable,
  route,
  hostRefused,
  page,
  webSocket,
  slow,
];

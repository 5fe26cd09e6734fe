import type { InBothLanguages } from '../languages.ts';
import { NOTHING, type NginxText, identifier, nginx, plainPath } from '../nginx-text.ts';
import { STATE_FILES } from '../state.ts';
import { type DefaultRoute, pickAnswer } from './default-agents.ts';
import { type PinnedAgent, UNPINNED, pinnedLocations } from './pins.ts';
import {
  type ErrorText,
  IN_MAINTENANCE,
  NOT_AN_ADDRESS,
  NOT_SERVED,
  NO_DESKTOP_NAMED,
} from './error-texts.ts';

/**
 * One thing that the gateway can do with a request. The conditions are regular expressions over
 * `REQUEST|AGENT|ALLOWED|NAMED|ADDRESS-LIKE|TAIL`; the first action with one that matches wins, and a request that
 * nothing matches is denied.
 */
export interface Action {
  /** Names its location (`@dcv_NAME`); logged. */
  readonly name: NginxText;
  readonly when: readonly NginxText[];
  /** The directives of its location. */
  readonly answer: NginxText;
  /** What the client is told, where the answer is an error. */
  readonly reasons: readonly Reason[];
  /** Is the agent dialled here? Then each verified agent has a location of its own. */
  readonly dials?: true;
}

/** Why a request ended in an error. */
export interface Reason {
  readonly status: number;
  /** The value of `$dcv_stage` that it is for. */
  readonly stage: NginxText;
  /** In the JSON answer and on the English page: a phrase, no sentence. */
  readonly text: NginxText;
  /** The same on the Japanese page. */
  readonly ja: NginxText;
  /** What the page says to people, where that of the status (error-texts.ts) would be wrong. */
  readonly page?: InBothLanguages<ErrorText>;
}

/** What this gateway does with requests, in the order in which it is tried. */
export function actions(route: DefaultRoute, verifyAgents: boolean): Action[] {
  return [
    {
      // nginx's own page: an error that comes before the path is parsed may not go to a named location.
      name: identifier('badreq'),
      when: [nginx`"~^bad\|"`],
      answer: nginx`return 400;`,
      reasons: [],
    },
    {
      name: identifier('proxy'),
      when: [
        nginx`"~^ok\|[^|]+\|1\|[^|]*\|[^|]*\|/"`,
        ...(route.kind === 'agent' || route.kind === 'pool' ? [WITHOUT_ADDRESS] : []),
      ],
      answer: proxyAnswer(route),
      dials: true,
      reasons: [
        {
          status: 403,
          stage: identifier('origin'),
          text: nginx`this page may not open a WebSocket here`,
          ja: nginx`このページからのWebSocket接続は許可されていません`,
        },
        {
          status: 503,
          stage: identifier('maintenance'),
          text: nginx`this agent is in maintenance`,
          ja: nginx`このエージェントはメンテナンス中です`,
          page: IN_MAINTENANCE,
        },
        { status: 503, stage: identifier('draining'), ...NOBODY },
      ],
    },
    {
      // Without the slash, the web client would look for the agent's files beside it.
      name: identifier('slash'),
      when: [nginx`"~^ok\|[^|]+\|1\|[^|]*\|[^|]*\|$"`],
      answer: nginx`
        set $dcv_stage slash;
        return 308 $dcv_segment/$is_args$args;
      `,
      reasons: [],
    },
    {
      name: identifier('named'),
      when: [nginx`"~^ok\|\|[^|]*\|[^|]+\|"`],
      answer: nginx`
        set $dcv_stage named;
        add_header Cache-Control no-store always;
        return 302 /$dcv_named$dcv_named_tail;
      `,
      reasons: [],
    },
    refusal('noaddr', [nginx`"~^ok\|\|[^|]*\|\|yes\|"`], 404, {
      text: nginx`not a valid agent address`,
      ja: nginx`有効なエージェントのアドレスではありません`,
      page: NOT_AN_ADDRESS,
    }),
    ...withoutAddress(route),
    ...(verifyAgents ? [refusal(UNPINNED, [], 403, NOT_PINNED)] : []),
    refusal('deny', [], 403, {
      text: nginx`agent address is not served by this gateway`,
      ja: nginx`このゲートウェイの接続先に含まれないアドレスです`,
      page: NOT_SERVED,
    }),
  ];
}

/** Chosen by the map of places, instead of dialling an address that the inventory does not name. */
const NOT_PINNED = {
  text: nginx`no certificate is pinned for this agent address`,
  ja: nginx`このアドレスのエージェント証明書が登録されていません`,
  page: NOT_SERVED,
};

const WITHOUT_ADDRESS = nginx`"~^ok\|\|[^|]*\|\|no\|"`;

const NOBODY = {
  text: nginx`no agent takes new desktops now`,
  ja: nginx`新しいデスクトップを開けるエージェントがありません`,
};

/** What is done with paths without an address, where they are not passed on. */
function withoutAddress(route: DefaultRoute): Action[] {
  const refused = (status: number, told: Omit<Reason, 'status' | 'stage'>): Action =>
    refusal('nodefault', [WITHOUT_ADDRESS], status, told);
  switch (route.kind) {
    case 'agent':
    case 'pool':
      return [];
    case 'none':
      return [
        refused(404, {
          text: nginx`no default agent`,
          ja: nginx`既定のエージェントが設定されていません`,
          page: NO_DESKTOP_NAMED,
        }),
      ];
    case 'nobody':
      return [refused(503, NOBODY)];
    case 'redirect':
      return [
        {
          name: identifier('pick'),
          when: [nginx`"~^front\|"`],
          answer: pickAnswer(route.members),
          reasons: [{ status: 503, stage: identifier('nodefault'), ...NOBODY }],
        },
        refused(404, {
          text: nginx`only / leads to an agent, all other paths begin with an address`,
          ja: nginx`パスがエージェントのアドレスで始まっていません`,
          page: NO_DESKTOP_NAMED,
        }),
      ];
  }
}

/**
 * The last gate: a loop, pages of other sites that would use the visitor's access (cross-site WebSocket hijacking), and
 * an agent's marks, which nginx looks for each time: a host's own open_file_cache would remember them for a minute.
 */
function proxyAnswer(route: DefaultRoute): NginxText {
  return nginx`
    set $dcv_stage agent;
    if ($http_x_dcv_gateway) {
        return 508;
    }
    if ($dcv_foreign_page) {
        set $dcv_stage origin;
        return 403;
    }
    open_file_cache off;
    if (-f ${plainPath(STATE_FILES)}/maintenance/$dcv_upstream) {
        set $dcv_stage maintenance;
        return 503;
    }
    ${route.kind === 'agent' ? refusedWhenDraining() : NOTHING}
    add_header Referrer-Policy same-origin always;
    proxy_pass https://$dcv_upstream$dcv_path;
  `;
}

function refusedWhenDraining(): NginxText {
  return nginx`
    if (-f ${plainPath(STATE_FILES)}/draining/$dcv_by_default) {
        set $dcv_stage draining;
        return 503;
    }
  `;
}

function refusal(
  name: string,
  when: readonly NginxText[],
  status: number,
  told: Omit<Reason, 'status' | 'stage'>,
): Action {
  const stage = identifier(name);
  return {
    name: stage,
    when,
    answer: nginx`
      set $dcv_stage ${stage};
      return ${status};
    `,
    reasons: [{ status, stage, ...told }],
  };
}

/**
 * The map that chooses the action of a request.
 * @param request the variable that says whether it may be looked at: `ok`, or else what is wrong with it
 */
export function decision(all: readonly Action[], request: NginxText): NginxText {
  const lines = all.flatMap((action) => action.when.map((condition) => nginx`${condition} ${action.name};`));
  return nginx`
    # ---- What is done with the request
    # request | agent's address | may be reached | address of the agent named | looks like an address | rest of the path
    map "${request}|$dcv_agent|$dcv_allow|$dcv_named|$dcv_address_like|$dcv_tail" $dcv_action {
        default deny;
        ${lines}
    }
  `;
}

/**
 * The locations that carry the actions out.
 * @param headers directives that all of them have
 * @param pinned the agents whose certificates are verified; undefined where none is
 */
export function actionLocations(
  all: readonly Action[],
  headers: NginxText,
  pinned: readonly PinnedAgent[] | undefined,
): NginxText[] {
  return all.flatMap((action) => {
    const directives = [headers, action.answer];
    if (action.dials === true && pinned !== undefined) return pinnedLocations(pinned, directives);
    return nginx`
      location @dcv_${action.name} {
          ${directives}
      }
    `;
  });
}

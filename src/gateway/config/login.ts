import { LANGUAGES } from '../languages.ts';
import { LOGIN_FILES, LOGIN_REALM, USERS_FILE } from '../login-state.ts';
import { NOTHING, type NginxText, identifier, nginx, path, quoted, sections } from '../nginx-text.ts';
import type { Reason } from './actions.ts';

/*
 * Basic authentication, where `access.basic` is on. Native clients, and WebSockets of some browsers, send no such login;
 * so whoever logged in gets a cookie that opens the door as well. What it holds is state of the proxy, and never here.
 */

/** Browsers keep a cookie of this prefix to the host that set it, to TLS and to the path `/`. */
const COOKIE = nginx`__Host-dcv_gateway`;

/** The name of the login's cookie. */
export const LOGIN_COOKIE = COOKIE.toString();

/** How many copies of the cookie are taken out of a request, each by a map of its own. A browser sends one. */
const COPIES = 3;

/** The maps of the login: who need not log in any more, and who gets the cookie. */
export function loginMaps(basic: boolean): NginxText {
  if (!basic) return NOTHING;
  return sections(
    nginx`
      # ---- The login
      # A cookie's name with a dash in it is no variable of nginx.
      map $http_cookie $dcv_login_cookie {
          default "";
          "~(?:^|;[ \t]*)${COOKIE}=(?<dcv_mlc>[0-9a-f]{64})[ \t]*(?:;|$)" $dcv_mlc;
      }
      # Whoever has the cookie isn't asked. The secret is in a file of this host; without that file, everybody is asked.
      map $dcv_login_cookie $dcv_realm {
          default ${quoted(LOGIN_REALM)};
          include ${path(LOGIN_FILES.accept)};
      }
      # The cookie itself, for whoever was asked. It goes out with answers of the locations behind the login only.
      map $dcv_realm $dcv_login_issue {
          default "";
          include ${path(LOGIN_FILES.issue)};
      }
    `,
    ...LANGUAGES.map(
      (language) => nginx`
        map $dcv_users ${REFUSAL[language].login} {
            default "${TEXTS.login[language]}";
            none "${TEXTS.noUsers[language]}";
        }
        map $dcv_users ${REFUSAL[language].access} {
            default "${TEXTS.access[language]}";
            none "${TEXTS.accessOrNoUsers[language]}";
        }
      `,
    ),
  );
}

/** Which cookies agents get. Without a login, too: browsers go on sending what they got while there was one. */
export function cookieMaps(): NginxText {
  return nginx`
    # ---- Cookies
    # Agents get all but the one of the gateway's login; none at all from who sends that more than ${COPIES} times.
    ${Array.from({ length: COPIES }, (_, index) => withoutOne(index + 1))}
    map $dcv_cookies_${COPIES} $dcv_cookies {
        default $dcv_cookies_${COPIES};
        "~*(?:^|[;,\s])${COOKIE}\s*=" "";
    }
  `;
}

/** Takes the first copy out, with one separator: behind it where it stands first, else before it. */
function withoutOne(copy: number): NginxText {
  const before = copy === 1 ? nginx`$http_cookie` : nginx`$dcv_cookies_${copy - 1}`;
  const captured = identifier(`dcv_mc${copy}`);
  return nginx`
    map ${before} $dcv_cookies_${copy} {
        default ${before};
        "~^[ \t]*${COOKIE}=[^;]*$" "";
        "~^[ \t]*${COOKIE}=[^;]*;[ \t]*(?<${captured}>.*)$" $${captured};
        "~^(?<${captured}a>.*?);[ \t]*${COOKIE}=[^;]*(?<${captured}b>.*)$" "$${captured}a$${captured}b";
    }
  `;
}

/** For the location that every request but `/health` passes. nginx reads the users at each login. */
export function login(basic: boolean): NginxText {
  if (!basic) return NOTHING;
  return nginx`
    auth_basic $dcv_realm;
    auth_basic_user_file ${path(USERS_FILE)};
  `;
}

/** For the server: neither the password nor the cookie is an agent's business. */
export function loginStaysHere(basic: boolean): NginxText {
  return nginx`
    ${basic ? nginx`proxy_set_header Authorization "";` : NOTHING}
    proxy_set_header Cookie $dcv_cookies;
  `;
}

/**
 * For locations that are reached after the login only: gives the cookie to who was asked for the password. Without
 * "always" it never goes out with an error.
 */
export function issueLogin(basic: boolean): NginxText {
  return basic ? nginx`add_header Set-Cookie $dcv_login_issue;` : NOTHING;
}

/** For the server: tells an operator who forgot the users from a person who mistyped a password. */
export function usersOrNone(basic: boolean): NginxText {
  if (!basic) return NOTHING;
  return nginx`
    set $dcv_users some;
    if (!-f ${path(USERS_FILE)}) {
        set $dcv_users none;
    }
  `;
}

/**
 * Why somebody did not come in, where the status alone doesn't tell: without users nginx answers 403 to every login, as it
 * does to addresses that may not connect; and 500 where its workers can't read the users.
 */
export function loginReasons(basic: boolean): Reason[] {
  if (!basic) return [];
  const stage = identifier('access');
  const { en, ja } = REFUSAL;
  return [
    { status: 401, stage, text: en.login, ja: ja.login },
    { status: 403, stage, text: en.access, ja: ja.access },
    { status: 500, stage, text: TEXTS.unreadable.en, ja: TEXTS.unreadable.ja },
  ];
}

const REFUSAL = {
  en: { login: nginx`$dcv_login_refusal`, access: nginx`$dcv_access_refusal` },
  ja: { login: nginx`$dcv_login_refusal_ja`, access: nginx`$dcv_access_refusal_ja` },
} as const;

const TEXTS = {
  login: {
    en: nginx`name and password are missing or wrong`,
    ja: nginx`ユーザー名またはパスワードが入力されていないか、正しくありません`,
  },
  noUsers: {
    en: nginx`nobody can log in yet; the operator adds users with: dcvops access user add NAME`,
    ja: nginx`ユーザーがまだ登録されていません。管理者は次のコマンドで登録します: dcvops access user add NAME`,
  },
  access: {
    en: nginx`this gateway is not open to your address`,
    ja: nginx`お使いのIPアドレスからの接続は許可されていません`,
  },
  accessOrNoUsers: {
    en: nginx`this gateway is not open to your address, or has no users yet (dcvops access user add NAME)`,
    ja: nginx`お使いのIPアドレスからの接続が許可されていないか、ユーザーがまだ登録されていません (dcvops access user add NAME)`,
  },
  unreadable: {
    en: nginx`nginx cannot read its users; the operator asks: dcvops doctor`,
    ja: nginx`nginxがユーザーのファイルを読み取れません。管理者は次のコマンドで確認します: dcvops doctor`,
  },
} as const;

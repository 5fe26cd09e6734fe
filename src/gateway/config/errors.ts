import { LANGUAGES, type Language, languageMap } from '../languages.ts';
import { NOTHING, type NginxText, identifier, nginx, quoted, sections } from '../nginx-text.ts';
import { html } from '../portal/html.ts';
import { ERROR_STYLE, sourceHash } from '../portal/style.ts';
import type { Action, Reason } from './actions.ts';
import { ERROR_WORDS, type ErrorText, STATUS_TEXTS } from './error-texts.ts';

/** Without it, "Try again" would lose the session's id, which follows the "#" and is no part of a request. */
const RETRY_SCRIPT = 'document.getElementById("retry").onclick=()=>{location.reload();return false}';

const POLICY = [
  "default-src 'none'",
  `style-src ${sourceHash(ERROR_STYLE)}`,
  `script-src ${sourceHash(RETRY_SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * What clients are told when a request fails: JSON in English, or for whoever asks for HTML a page in their language.
 * @param login the reasons of the login, which come before all others
 */
export function errorMaps(actions: readonly Action[], login: readonly Reason[]): NginxText {
  const all = [...login, DOOR, ...actions.flatMap(({ reasons }) => reasons)];
  return sections(
    languageMap(),
    nginx`
    # ---- Errors
    map $http_accept $dcv_error_format {
        default json;
        "~*text/html" html_$dcv_language;
    }
    ${LANGUAGES.map((language) => reasonMap(all, language))}
    ${LANGUAGES.map((language) => pageMap(all, language, 'title'))}
    ${LANGUAGES.map((language) => pageMap(all, language, 'advice'))}
    map $status $dcv_retry_after {
        default "";
        503 120;
    }
    # Attributes of what not every page shows.
    map $status $dcv_page_no_retry {
        default "";
        ${STATUS_TEXTS.filter(({ retry }) => !retry).map(({ status = 0 }) => nginx`${status} hidden;`)}
    }
    map $dcv_agent $dcv_page_no_agent {
        default "";
        "" hidden;
    }
  `,
  );
}

/** Why, in a phrase: what the action says, else what the status says. */
function reasonMap(all: readonly Reason[], language: Language): NginxText {
  return nginx`
    map "$status|$dcv_stage" ${reasonOf(language)} {
        ${all.map(
          (reason) =>
            nginx`"~^${reason.status}\|${reason.stage}$" "${language === 'en' ? reason.text : reason[language]}";`,
        )}
        ${STATUS_TEXTS.map(({ status, reason }) => nginx`${statusKey(status)} ${quoted(reason[language])};`)}
    }
  `;
}

function pageMap(all: readonly Reason[], language: Language, part: keyof ErrorText): NginxText {
  const escaped = (page: ErrorText): NginxText => quoted(html`${page[part]}`.toString());
  return nginx`
    map "$status|$dcv_stage" ${variable(part, language)} {
        ${all.map(({ status, stage, page }) =>
          page === undefined ? NOTHING : nginx`"~^${status}\|${stage}$" ${escaped(page[language])};`,
        )}
        ${STATUS_TEXTS.map(({ status, page }) => nginx`${statusKey(status)} ${escaped(page[language])};`)}
    }
  `;
}

/** Of whoever gets as far as no action. */
const DOOR: Reason = {
  status: 403,
  stage: identifier('access'),
  text: nginx`this gateway is not open to your address`,
  ja: nginx`お使いのIPアドレスからの接続は許可されていません`,
  page: {
    en: {
      title: 'This gateway is not open to your network',
      advice:
        'It lets in certain networks only. Connect to your organization’s network or VPN, then load this page again.',
    },
    ja: {
      title: 'お使いのネットワークからは接続できません',
      advice:
        'このゲートウェイは、許可されたネットワークからのみ利用できます。社内ネットワークまたはVPNに接続してから、このページを再読み込みしてください。',
    },
  },
};

export function errorPages(): NginxText {
  return nginx`
    # Not 400, 414, 431: they come before the path is parsed, and a named location would make a 500 of them.
    error_page ${STATUSES} @dcv_error_$dcv_error_format;
    error_page 497 =308 https://$dcv_host$request_uri;
  `;
}

/** 500 is the one that has no text of its own: it is what any other status is. */
const STATUSES = [...STATUS_TEXTS.map(({ status = 500 }) => status)]
  .sort((a, b) => a - b)
  .map((status) => nginx`${status}`);

/** @param hasPortal whether the pages lead to it */
export function errorLocations(hasPortal: boolean): NginxText[] {
  return [
    nginx`
      location @dcv_error_json {
          default_type application/json;
          add_header Cache-Control no-store always;
          add_header X-Request-ID $request_id always;
          add_header Retry-After $dcv_retry_after always;
          return 200 '{"error":{"status":$status,"stage":"$dcv_stage","reason":"$dcv_reason","agent":"$dcv_agent","request_id":"$request_id"}}\n';
      }
    `,
    ...LANGUAGES.map((language) => pageLocation(language, hasPortal)),
  ];
}

/**
 * A page without scripts of others, forms, frames or anything to load. All that the client has a part in is the agent's
 * address, which is digits, letters, dots and colons; the link that tries again has no address at all.
 */
function pageLocation(language: Language, hasPortal: boolean): NginxText {
  const code = identifier(language);
  return nginx`
    location @dcv_error_html_${code} {
        default_type "text/html; charset=utf-8";
        add_header Cache-Control no-store always;
        add_header X-Request-ID $request_id always;
        add_header Retry-After $dcv_retry_after always;
        add_header Content-Language ${code} always;
        add_header Content-Security-Policy ${quoted(POLICY)} always;
        add_header X-Content-Type-Options nosniff always;
        add_header Referrer-Policy no-referrer always;
        set $dcv_page_style ${quoted(ERROR_STYLE)};
        set $dcv_page_script ${quoted(RETRY_SCRIPT)};
        ${Object.entries(ERROR_WORDS[language]).map(
          ([name, word]) => nginx`set $dcv_page_${identifier(name)} ${quoted(html`${word}`.toString())};`,
        )}
        return 200 '<!doctype html>
    <html lang="${code}">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${variable('title', language)}</title>
    <style>$dcv_page_style</style>
    </head>
    <body>
    <main>
    <p class="code">$dcv_page_error $status</p>
    <h1>${variable('title', language)}</h1>
    <p>${variable('advice', language)}</p>
    <p class="links">
    <a id="retry" href="" $dcv_page_no_retry>$dcv_page_retry</a>
    ${hasPortal ? nginx`<a href="/portal/">$dcv_page_portal</a>` : NOTHING}
    </p>
    <p class="tell">$dcv_page_tell</p>
    <dl>
    <div><dt>$dcv_page_number</dt><dd><code>$request_id</code></dd></div>
    <div $dcv_page_no_agent><dt>$dcv_page_agent</dt><dd>$dcv_agent</dd></div>
    <div><dt>$dcv_page_reason</dt><dd>${reasonOf(language)}</dd></div>
    </dl>
    </main>
    <script>$dcv_page_script</script>
    </body>
    </html>
    ';
    }
  `;
}

function variable(part: keyof ErrorText, language: Language): NginxText {
  return nginx`$dcv_page_${identifier(part)}_${identifier(language)}`;
}

/** The English one is in the JSON too, and has the plain name. */
function reasonOf(language: Language): NginxText {
  return language === 'en' ? nginx`$dcv_reason` : nginx`$dcv_reason_${identifier(language)}`;
}

function statusKey(status: number | undefined): NginxText {
  return status === undefined ? nginx`default` : nginx`"~^${status}"`;
}

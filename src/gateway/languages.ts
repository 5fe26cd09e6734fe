import { type NginxText, nginx } from './nginx-text.ts';

/** The languages of all that people see in a browser. */
export type Language = 'en' | 'ja';

export const LANGUAGES: readonly Language[] = ['en', 'ja'];

export type InBothLanguages<T> = Readonly<Record<Language, T>>;

/** Sets `$dcv_language` by the browser: the first of the two in Accept-Language, English where neither is. */
export function languageMap(): NginxText {
  return nginx`
    # ---- The language of pages
    # Browsers list what they like best first. All that is neither English nor Japanese is passed over.
    map $http_accept_language $dcv_language {
        default en;
        "~*^(?:\s*+(?!(?:en|ja)\b)[^,]*+,)*+\s*+ja\b" ja;
    }
  `;
}

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ERROR_WORDS, STATUS_TEXTS } from '../../../../src/gateway/config/error-texts.ts';
import { LANGUAGES } from '../../../../src/gateway/languages.ts';
import { renderGateway } from '../../../../src/gateway/render.ts';
import { agent, twoAgents } from '../inventories.ts';

/** Every kind of gateway, so that every reason that there is comes up. */
const configs = [
  twoAgents({ portal: true, access: { basic: true } }),
  twoAgents({ default: [] }),
  twoAgents({ defaultBy: 'redirect' }),
  {
    ...twoAgents({ default: twoAgents().agents }),
    agents: twoAgents().agents.map((one) => ({ ...one, access: { allow: ['10.213.1.0/24'], deny: [] } })),
  },
  twoAgents({
    default: [
      agent('agent1', '10.150.248.180', { state: 'draining' }),
      agent('agent2', '10.150.248.136', { state: 'maintenance' }),
    ],
  }),
].map((input) => renderGateway(input).config);
const everything = configs.join('\n');

/** The keys and texts of a map. */
function mapLines(config: string, variable: string): [key: string, text: string][] {
  const [, body = ''] = new RegExp(`map \\S+ \\$${variable} \\{\\n([^}]*)\\}`).exec(config) ?? [];
  return body
    .split('\n')
    .map((line) => /^\s*(\S+) "(.*)";$/.exec(line))
    .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']]));
}

/** Or a variable that holds some. */
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]|^\$\w+_ja$/;

// Somebody reads a page in half of a language that is not theirs.
describe('what error pages say', () => {
  it.each([
    ['reason', 'dcv_reason', 'dcv_reason_ja'],
    ['title', 'dcv_page_title_en', 'dcv_page_title_ja'],
    ['advice', 'dcv_page_advice_en', 'dcv_page_advice_ja'],
  ])('has every %s in both languages', (_, english, japanese) => {
    for (const config of configs) {
      const en = mapLines(config, english);
      const ja = mapLines(config, japanese);
      expect(en.length).toBeGreaterThan(11);
      expect(ja.map(([key]) => key)).toEqual(en.map(([key]) => key));
      expect(en.filter(([, text]) => JAPANESE.test(text) || text === '')).toEqual([]);
      expect(ja.filter(([, text]) => !JAPANESE.test(text))).toEqual([]);
    }
  });

  it('is a sentence that says what to do, politely in Japanese', () => {
    for (const [, text] of mapLines(everything, 'dcv_page_advice_en')) expect(text).toMatch(/^[A-Z].*\.$/);
    for (const [, text] of mapLines(everything, 'dcv_page_advice_ja')) {
      expect(text).toMatch(/(?:ください|ません|です|ます)。$/);
    }
  });

  it('has the same words around it in both', () => {
    for (const word of Object.keys(ERROR_WORDS.en)) expect(ERROR_WORDS.ja).toHaveProperty(word);
    for (const word of Object.values(ERROR_WORDS.ja)) expect(word).toMatch(JAPANESE);
  });

  it('has a text for every status that is a page', () => {
    const [, listed = ''] = /error_page ([\d ]+) @dcv_error_/.exec(everything) ?? [];
    const known = STATUS_TEXTS.map(({ status }) => status);
    expect(listed.split(' ').filter((status) => !known.includes(Number(status)))).toEqual(['500']);
  });
});

describe('the pages in the configuration', () => {
  // nginx refuses a configuration with a longer one.
  it('are of pieces that fit into nginx’s buffer of 4096 bytes', () => {
    const directives = everything.replace(/(?:^|\s)# .*$/gm, '');
    const pieces = directives.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g) ?? [];
    const longest = Math.max(...pieces.map((piece) => Buffer.byteLength(piece)));
    expect(pieces.length).toBeGreaterThan(100);
    expect(longest).toBeLessThan(4096);
  });

  it('have the style and the script that their policy allows', () => {
    for (const [part, source] of [
      ['style', 'style-src'],
      ['script', 'script-src'],
    ] as const) {
      const [, quoted = ''] = new RegExp(`set \\$dcv_page_${part} "(.*)";`).exec(everything) ?? [];
      const text = quoted.replace(/\\(.)/g, '$1');
      const hash = createHash('sha256').update(text).digest('base64');
      expect(everything.split(`${source} 'sha256-${hash}';`).length - 1).toBe(
        configs.length * LANGUAGES.length,
      );
    }
  });

  it('lead to the portal where there is one', () => {
    expect(configs[0]?.match(/<a href="\/portal\/">/g)).toHaveLength(LANGUAGES.length);
    expect(configs[1]).not.toContain('href="/portal/"');
  });
});

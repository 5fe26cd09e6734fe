import { describe, expect, it } from 'vitest';
import { html, inline } from '../../../../src/gateway/portal/html.ts';

// A tag or a name from an inventory that becomes markup runs in the browser of everyone who opens the portal.
describe('a value in HTML', () => {
  it.each([
    ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
    ['" onclick="alert(1)', '&#34; onclick=&#34;alert(1)'],
    ["' autofocus onfocus='x", '&#39; autofocus onfocus=&#39;x'],
    ['&lt;', '&#38;lt;'],
    ['日本語 – plain', '日本語 – plain'],
  ])('%s stays text', (value, escaped) => {
    expect(html`<p title="${value}">${value}</p>`.toString()).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  it('that is HTML already, or a list of it, stands as it is', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
    expect(html`${items}${[]}${3}`.toString()).toBe('<li>a</li>\n<li>&#60;b&#62;</li>3');
  });
});

describe('a style sheet or script in the page', () => {
  it('is what its hash was made of, byte for byte', () => {
    expect(html`${inline('script', 'a && b < c;\n')}`.toString()).toBe('<script>a && b < c;\n</script>');
  });

  it.each(['x = "</script>"', 'x = "<!--"', '</style>'])('may not end itself: %s', (text) => {
    expect(() => inline('script', text)).toThrow(RangeError);
  });
});

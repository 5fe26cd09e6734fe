import { describe, expect, it } from 'vitest';
import { checkNewSessionId, parseSessionName } from '../../../../src/dcv/session/id.ts';

describe('parseSessionName', () => {
  it.each([
    ['agent1', { agent: 'agent1', id: undefined }],
    ['agent1/desk', { agent: 'agent1', id: 'desk' }],
    ['10.150.248.180/desk', { agent: '10.150.248.180', id: 'desk' }],
    ['fd00::5/desk', { agent: 'fd00::5', id: 'desk' }],
    ['[fd00::5]/desk', { agent: '[fd00::5]', id: 'desk' }],
    ['gpu-*/desk', { agent: 'gpu-*', id: 'desk' }],
    ['@gpu', { agent: '@gpu', id: undefined }],
    ['agent1/made by hand/1', { agent: 'agent1', id: 'made by hand/1' }],
  ])('%s', (text, wanted) => {
    expect(parseSessionName(text)).toEqual(wanted);
  });

  it.each(['', '/', '/desk', 'agent1/', 'agent1/a\nb'])('refuses %j', (text) => {
    expect(() => parseSessionName(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('checkNewSessionId: an id ends up in shell commands, URLs and file names', () => {
  it.each(['desktop-session', '1', 'a.b_c', 'a'.repeat(64)])('takes %s', (id) => {
    expect(() => {
      checkNewSessionId(id);
    }).not.toThrow();
  });

  it.each(['', '-x', 'a b', 'a/b', 'a#b', '../x', 'é', 'a\n', "a'b", 'a'.repeat(65)])('refuses %j', (id) => {
    expect(() => {
      checkNewSessionId(id);
    }).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

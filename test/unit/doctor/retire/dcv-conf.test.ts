import { describe, expect, it } from 'vitest';
import { isOfBroker, listsAgent, withoutBroker } from '../../../../src/doctor/retire/dcv-conf.ts';

const VERIFIER = 'auth-token-verifier="https://broker:8445/agent/validate-authentication-token"';

/* A wrong edit here locks people out of a desktop, or lets somebody in: everything but the broker's lines must stay. */
describe('dcv.conf without a broker', () => {
  it.each<{
    name: string;
    conf: string;
    text: string;
    kept?: string[];
    facts?: { brokerHost?: string; caFile?: string };
  }>([
    {
      name: 'takes out all that the manual of the Session Manager has one put in',
      conf: `# ours
[security]
administrators=["dcvsmagent"]
ca-file="/etc/dcv-session-manager-agent/dcvsmbroker_ca.pem"
no-tls-strict=true
${VERIFIER}
authentication="system"

[connectivity]
web-port=8443
`,
      text: `# ours
[security]
authentication="system"

[connectivity]
web-port=8443
`,
    },
    {
      name: 'leaves other administrators',
      conf: "[security]\n  administrators = ['jane', 'dcvsmagent']\n",
      text: "[security]\n  administrators = ['jane']\n",
    },
    {
      name: 'also behind the agent',
      conf: '[security]\nadministrators=["dcvsmagent","jane", "dcvsmagents"]\n',
      text: '[security]\nadministrators=["jane", "dcvsmagents"]\n',
    },
    {
      name: 'leaves a verifier that is no broker, and the setting that it needs',
      conf: '[security]\nauth-token-verifier="https://localhost:8444"\nno-tls-strict=true\nca-file="/etc/ssl/own.pem"\n',
      text: '[security]\nauth-token-verifier="https://localhost:8444"\nno-tls-strict=true\nca-file="/etc/ssl/own.pem"\n',
      kept: [
        'it is not a broker’s address',
        'another verifier may need it',
        'it does not look like the broker’s',
      ],
    },
    {
      name: 'leaves no-tls-strict where no broker is',
      conf: '[security]\nno-tls-strict=true\n',
      text: '[security]\nno-tls-strict=true\n',
      kept: ['no broker needs it here'],
    },
    {
      name: 'knows the broker and its CA by what agent.conf says',
      conf: '[security]\nauth-token-verifier=\'https://desktops.example/verify\'\nca-file="/opt/ca.pem"\n',
      text: '[security]\n',
      facts: { brokerHost: 'Desktops.example', caFile: '/opt/ca.pem' },
    },
    {
      name: 'takes every one of several, for the last one counts',
      conf: `[security]\n${VERIFIER}\n[log]\nlevel="info"\n[security]\n${VERIFIER}`,
      text: '[security]\n[log]\nlevel="info"\n[security]\n',
    },
    {
      name: 'leaves comments, other sections and what is empty',
      conf: `[security]\n#${VERIFIER}\nauth-token-verifier=""\nca-file=''\n[other]\n${VERIFIER}\nadministrators=["dcvsmagent"]\n`,
      text: `[security]\n#${VERIFIER}\nauth-token-verifier=""\nca-file=''\n[other]\n${VERIFIER}\nadministrators=["dcvsmagent"]\n`,
    },
    {
      name: 'leaves line ends, bytes of any encoding and a missing end as they are',
      conf: `#\xe9\r\n[security]\r\n${VERIFIER}\r\nadministrators=["a\xe9","dcvsmagent"]\r\n[log]\r\n#\xff`,
      text: `#\xe9\r\n[security]\r\nadministrators=["a\xe9"]\r\n[log]\r\n#\xff`,
    },
    { name: 'leaves an empty file', conf: '', text: '' },
  ])('$name', ({ conf, text, kept = [], facts }) => {
    const edit = withoutBroker(conf, facts);
    expect(edit.text).toBe(text);
    expect(edit.kept.map(({ why }) => why)).toEqual(kept);
    expect(edit.changes.length > 0).toBe(conf !== text);
    // nothing is left to do the second time
    expect(withoutBroker(edit.text, facts).changes).toEqual([]);
  });

  it('tells which lines change, from what to what', () => {
    expect(withoutBroker(`[security]\n${VERIFIER}\nadministrators=["dcvsmagent", "jane"]\n`).changes).toEqual(
      [
        { before: VERIFIER, after: undefined },
        { before: 'administrators=["dcvsmagent", "jane"]', after: 'administrators=["jane"]' },
      ],
    );
  });
});

describe('a token verifier', () => {
  it.each([
    ['https://broker:8445/agent/validate-authentication-token', undefined, true],
    ['https://broker/agent/validate-authentication-token', undefined, true],
    ['https://10.0.0.9:8445', undefined, true],
    ['https://10.0.0.9:8444', undefined, false],
    ['https://10.0.0.9:8444', '10.0.0.9', true],
    ['', 'broker', false],
    ['no address', undefined, false],
  ])('%s (broker_host %s): %s', (verifier, brokerHost, expected) => {
    expect(isOfBroker(verifier, brokerHost)).toBe(expected);
  });

  it.each([
    ['["dcvsmagent"]', true],
    ["['a','dcvsmagent']", true],
    ['["dcvsmagent2"]', false],
    ['', false],
  ])('administrators %s name the agent: %s', (value, expected) => {
    expect(listsAgent(value)).toBe(expected);
  });
});

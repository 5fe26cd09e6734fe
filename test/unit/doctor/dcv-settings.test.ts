import { describe, expect, it } from 'vitest';
import { readAssignment, readSettingName } from '../../../src/dcv/conf/settings.ts';
import { CATALOGUE } from '../../../src/doctor/catalogue.ts';
import {
  PATTERNS,
  hardenAndRestart,
  setAndRestart,
  showSettings,
  unsetAndRestart,
} from '../../../src/doctor/dcv-settings.ts';
import { healthySet } from './healthy.ts';

const plain = healthySet();
const declaring = healthySet();
Object.assign(declaring.inventory.agents.find(({ name }) => name === 'agent1') ?? {}, {
  declared: { sessions: [{ id: 'jane' }], fingerprint: 'a'.repeat(64) },
});

// People type these lines as they stand; the sessions that a restart ends have to be made again.
describe('a remedy that is about dcv.conf', () => {
  it.each<[string, string, string]>([
    [
      'takes a setting out',
      unsetAndRestart('agent1', 'connectivity/web-port', plain),
      'dcvops dcv config unset agent1 connectivity/web-port --restart\ndcvops session create agent1',
    ],
    [
      'sets one, quoted where a shell would see more in it',
      setAndRestart('agent1', 'connectivity/web-url-path', '/my desk', plain),
      "dcvops dcv config set agent1 'connectivity/web-url-path=/my desk' --restart\ndcvops session create agent1",
    ],
    [
      'makes declared sessions again',
      hardenAndRestart('agent1', declaring),
      'dcvops dcv harden agent1 --restart\ndcvops session restore agent1',
    ],
    ['shows all that is set', showSettings('agent1'), 'dcvops dcv config get agent1'],
    [
      'shows whom DCV answers',
      showSettings('agent1', ...PATTERNS),
      'dcvops dcv config get agent1 security/allowed-http-host-regex security/allowed-ws-origin-regex',
    ],
  ])('%s', (_what, steps, typed) => {
    expect(steps).toBe(typed);
  });

  it('names settings that the command takes', () => {
    const named = CATALOGUE.flatMap(({ remedy }) => remedy.split('\n')).flatMap(
      (line) => / dcv config (?:get|set|unset) AGENT (.*)/.exec(line)?.[1]?.split(' ') ?? [],
    );
    const settings = named.filter((word) => word.includes('/'));
    expect(settings.length).toBeGreaterThan(5);
    for (const setting of settings) {
      expect(() =>
        setting.includes('=') ? readAssignment(setting) : readSettingName(setting),
      ).not.toThrow();
    }
  });
});

import { describe, expect, it } from 'vitest';
import { explainCreateFailure } from '../../../src/dcv/failures.ts';

const AGENT1 = { agent: 'agent1', id: undefined, options: [] };
const GPU_7 = { agent: 'gpu-7', id: 'desk', options: ['--owner=jane'] };

describe('explainCreateFailure: without it a user reads DCV’s words and is left alone with them', () => {
  it.each([
    ['service-stopped', 'Could not create session. The dcvserver service is not running\n'],
    [
      'no-bus',
      'Could not create session. Could not get the system bus: Exhausted all available authentication mechanisms (tried: EXTERNAL, DBUS_COOKIE_SHA1, ANONYMOUS)',
    ],
    [
      'no-licence',
      'Could not create console session: Could not acquire dcv licenses: No license for product (-1)',
    ],
    ['licences-in-use', 'Could not create session. All licenses in use'],
    ['licences-in-use', 'no licenses'],
    [
      'unknown-option',
      'Unknown option --dcv-gl-disabled\n\nUsage:\n  dcv create-session [OPTION…] session_id',
    ],
    ['not-installed', 'sh: 1: dcv: not found'],
    ['not-installed', 'bash: line 1: dcv: command not found'],
  ])('knows %s', (kind, output) => {
    const failure = explainCreateFailure(output, AGENT1);
    expect(failure.kind).toBe(kind);
    expect(failure.cause).not.toBe('');
    expect(failure.remedy).toContain('dcvops');
  });

  it('names the option that is not known', () => {
    expect(explainCreateFailure('Unknown option --gl=off', AGENT1).cause).toContain('--gl=off');
  });

  it.each([
    ['Could not create session. The moon is full\n', 'The moon is full'],
    ['\nsome noise\r\nCould not create session. Odd\r\n', 'Odd'],
    ['just text', 'just text'],
    ['', 'dcv said nothing'],
  ])('passes on what it does not know: %j', (output, cause) => {
    expect(explainCreateFailure(output, AGENT1)).toMatchObject({ kind: 'unknown', cause });
  });

  it('gives the command that was typed, with what it lacked', () => {
    expect(explainCreateFailure('The dcvserver service is not running', GPU_7).remedy).toBe(
      'dcvops session create gpu-7/desk --owner=jane --start-service',
    );
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decidePersist, diffOfPersisted } from '../../../../src/dcv/persist/decide.ts';
import {
  type PersistFacts,
  parsePersistState,
  parsePersisted,
  persistState,
} from '../../../../src/dcv/persist/facts.ts';
import { fingerprintOf, persistedFiles } from '../../../../src/dcv/persist/files.ts';

const DESK = { id: 'desk', type: 'virtual', user: 'jane', owner: 'jane', name: `$(id) "Jane's"` } as const;
const FILES = persistedFiles([DESK]);
const [PROGRAM, SESSIONS, UNIT] = FILES.map(({ content }) => content.toString());

/** An agent that has all of it. */
function there(changes: Partial<PersistFacts> = {}): PersistFacts {
  const files = FILES.map(
    ({ path, mode, content }) =>
      [path, { mode: `${mode} root:root`, content: content.toString().trimEnd() }] as const,
  );
  return { installed: true, files: new Map(files), unit: { enabled: true, active: 'active' }, ...changes };
}

describe('persisted sessions', () => {
  it('are created with the words of the inventory, whatever is in them', () => {
    const { stdout } = spawnSync('sh', ['-c', `session() { printf '<%s>' "$@"; }\n${SESSIONS ?? ''}`]);
    expect(stdout.toString()).toBe(
      `<desk><dcv><create-session><--type=virtual><--owner=jane><--user=jane><--name=$(id) "Jane's"><desk>`,
    );
  });

  it('are created by a program that sh understands', () => {
    const checked = spawnSync('sh', ['-n'], { input: PROGRAM ?? '' });
    expect({ code: checked.status, stderr: checked.stderr.toString() }).toEqual({ code: 0, stderr: '' });
  });

  it('are created under a locale in which a name may be of any letters', () => {
    const dcv = `#!/bin/sh
      echo "$LC_ALL$LANGUAGE $1" >>"$LOG"
      case $1 in list-sessions) ;; create-session) echo "$5"; exit 1 ;; *) exit 1 ;; esac\n`;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dcvops-persist-'));
    const [log, sessions] = [path.join(folder, 'log'), path.join(folder, 'sessions')];
    fs.writeFileSync(path.join(folder, 'dcv'), dcv, { mode: 0o755 });
    const [, named] = persistedFiles([{ ...DESK, name: 'Büro' }]).map(({ content }) => content);
    fs.writeFileSync(sessions, named ?? '');
    const input = PROGRAM?.replace(/^PATH=/m, `PATH=${folder}:`).replace(
      '. /etc/dcvops/sessions',
      `. ${sessions}`,
    );
    const { stderr } = spawnSync('sh', {
      input,
      encoding: 'utf8',
      env: { LC_ALL: 'C', LANGUAGE: 'de', LOG: log },
    });
    expect(stderr).toBe('desk was not created: --name=Büro\n');
    expect(fs.readFileSync(log, 'utf8')).toBe(
      'C.UTF-8 list-sessions\nC.UTF-8 describe-session\nC.UTF-8 create-session\n',
    );
    fs.rmSync(folder, { recursive: true });
  });

  it('belong to dcvserver, which they neither start nor stop', () => {
    expect(UNIT).toMatch(/^PartOf=dcvserver\.service$/m);
    expect(UNIT).toMatch(/^WantedBy=dcvserver\.service$/m);
    expect(UNIT).not.toMatch(/^(?:Wants|Requires|BindsTo)=.*dcvserver/m);
    expect(PROGRAM).not.toContain('systemctl');
  });
});

describe('decidePersist', () => {
  const all = FILES.map(({ path }) => path);
  const edited = new Map(there().files).set('/etc/dcvops/sessions', { mode: '644 root:root', content: 'x' });
  const open = new Map(there().files).set('/etc/dcvops/sessions', {
    mode: '666 root:root',
    content: (SESSIONS ?? '').trimEnd(),
  });

  it.each<[string, PersistFacts, readonly string[] | 'unchanged']>([
    ['nothing where it is the same', there(), 'unchanged'],
    ['all of it where there is nothing', there({ files: new Map() }), all],
    ['what differs', there({ files: edited }), ['/etc/dcvops/sessions']],
    ['what others may write to', there({ files: open }), ['/etc/dcvops/sessions']],
    ['no file where only the unit is disabled', there({ unit: { enabled: false, active: 'active' } }), []],
    ['no file where the unit failed', there({ unit: { enabled: true, active: 'failed' } }), []],
  ])('writes %s', (_, facts, paths) => {
    const decision = decidePersist(facts, FILES);
    expect(decision.kind === 'unchanged' ? 'unchanged' : decision.files.map(({ path }) => path)).toEqual(
      paths,
    );
  });

  it('shows what it would write', () => {
    const [diff] = diffOfPersisted('agent1', edited, FILES.slice(1, 2));
    expect(diff).toMatchObject({ modeBefore: '644 root:root', modeAfter: '644 root:root' });
    expect(diff?.diff).toMatch(/^--- \/etc\/dcvops\/sessions[^]*\n-x\n\+# The DCV sessions/);
  });
});

describe('what an agent tells of them', () => {
  const wanted = fingerprintOf(FILES);
  const unit = { name: 'persist-unit', value: 'UnitFileState=enabled\nActiveState=active' };

  it('is read back as it was written', () => {
    const records = FILES.flatMap(({ path, mode, content }) => [
      { name: 'file', value: path },
      { name: 'mode', value: `${mode} root:root` },
      { name: 'content', value: content.toString().trimEnd() },
    ]);
    expect(parsePersisted([{ name: 'installed', value: '' }, ...records, unit])).toEqual(there());
  });

  it('is nothing where no file is there', () => {
    expect(parsePersistState([unit], wanted)).toBe('absent');
    expect(parsePersistState([{ name: 'persisted', value: wanted }, unit], wanted)).toBe('current');
  });

  it.each([
    ['outdated', 'other', true, 'active'],
    ['disabled', wanted, false, 'active'],
    ['failed', wanted, true, 'failed'],
    ['current', wanted, true, 'inactive'],
  ])('is %s', (state, fingerprint, enabled, active) => {
    expect(persistState(fingerprint, { enabled, active }, wanted)).toBe(state);
  });

  it('has the fingerprint that sha256sum prints', () => {
    const { stdout } = spawnSync('sha256sum', { input: Buffer.concat(FILES.map(({ content }) => content)) });
    expect(stdout.toString().split(' ')[0]).toBe(wanted);
  });
});

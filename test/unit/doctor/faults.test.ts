import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/doctor/catalogue.ts';
import { diagnose } from '../../../src/doctor/diagnose.ts';
import { factSet } from '../../../src/doctor/facts/fleet.ts';
import { FAULTS } from './faults/all.ts';
import { healthySet } from './healthy.ts';

describe('a seeded fault', () => {
  it.each(FAULTS)('$check: $name', ({ breaks, check, subject, seen, remedy, beside = [] }) => {
    const set = healthySet();
    breaks(set);
    // what a test makes up must be what a host could tell
    expect(() => factSet.parse(JSON.parse(JSON.stringify(set)))).not.toThrow();
    const { findings } = diagnose(set);
    const shown = findings.map((finding) => `${finding.check} ${finding.subject}`);
    expect(shown.toSorted()).toEqual([`${check} ${subject}`, ...beside].toSorted());
    const finding = findings.find((one) => one.check === check && one.subject === subject);
    expect(finding?.seen).toMatch(seen);
    expect(finding?.remedy).toMatch(remedy);
  });
});

describe('what looks like a fault and is none', () => {
  it('is a web-url-path that the inventory knows, with or without a slash at its end', () => {
    const set = healthySet();
    Object.assign(set.inventory.agents[0] ?? {}, { webUrlPath: '/desk1' });
    const { name } = set.inventory.agents[0] ?? {};
    const host = set.hosts.find((one) => one.name === name);
    Object.assign(host?.agent?.conf ?? {}, { 'connectivity/web-url-path': '/desk1/' });
    expect(diagnose(set).findings).toEqual([]);
  });
});

describe('the catalogue', () => {
  it('finds nothing in a fleet in which nothing is wrong', () => {
    expect(diagnose(healthySet()).findings).toEqual([]);
  });

  it('has a seeded fault for every check', () => {
    const tried = new Set(FAULTS.map(({ check }) => check));
    expect(CATALOGUE.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
  });

  it('names each check once, and only causes that exist and do not go in circles', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const follows = new Map(CATALOGUE.map((check) => [check.id, check.follows]));
    for (const [id, causes] of follows)
      expect(
        causes.filter((cause) => !follows.has(cause)),
        id,
      ).toEqual([]);
    const isBelow = (id: string, wanted: string, seen = new Set<string>()): boolean =>
      (follows.get(id) ?? []).some((cause) => {
        if (cause === wanted) return true;
        if (seen.has(cause)) return false;
        seen.add(cause);
        return isBelow(cause, wanted, seen);
      });
    expect(ids.filter((id) => isBelow(id, id))).toEqual([]);
  });
});

import type { Style } from '../report/style.ts';
import { formatTable } from '../report/table.ts';
import { type Check, FAMILIES, type Family, type Symptom } from './check.ts';

const FAMILY_TITLE: Record<Family, string> = {
  operator: 'This machine',
  reach: 'Reaching the hosts',
  host: 'Every host',
  proxy: 'Proxies',
  agent: 'Agents',
  path: 'The way to a desktop',
  leftovers: 'Leftovers of earlier attempts',
};

/** The family that a check's id begins with. Pure. */
export function familyOf({ id }: Pick<Check, 'id'>): Family {
  const family = FAMILIES.find((one) => id.startsWith(`${one}/`));
  if (family === undefined) throw new TypeError(`${id} is of no family`);
  return family;
}

/** Every check with its severity and what `--fix` does about it, for a terminal. Pure. */
export function formatCatalogue(catalogue: readonly Check[], style: Style): string {
  return formatTable<Check>(
    [
      { heading: 'CHECK', cell: ({ id }) => id, style: style.bold },
      { heading: 'SEVERITY', cell: ({ severity }) => severity },
      { heading: '--fix', cell: ({ fix }) => (fix === undefined ? '' : 'yes') },
      { heading: 'WHAT', cell: ({ title }) => title },
    ],
    catalogue,
  );
}

/** The same for programs. Pure. */
export function catalogueAsJson(catalogue: readonly Check[]): unknown {
  return catalogue.map(({ id, severity, title, why, remedy, fix, symptoms, follows }) => ({
    id,
    severity,
    title,
    why,
    remedy: remedy.split('\n'),
    fix,
    symptoms,
    follows,
  }));
}

/** The catalogue as the README's table, a chapter for each family. Pure. */
export function catalogueAsMarkdown(catalogue: readonly Check[]): string {
  return FAMILIES.flatMap((family) => {
    const checks = catalogue.filter((check) => familyOf(check) === family);
    if (checks.length === 0) return [];
    return [
      `**${FAMILY_TITLE[family]}**`,
      '',
      '| check | severity | what is wrong | `--fix` |',
      '| --- | --- | --- | --- |',
      ...checks.map(
        ({ id, severity, title, fix }) =>
          `| \`${id}\` | ${severity} | ${cell(title)} | ${fix === undefined ? '' : cell(fix)} |`,
      ),
      '',
    ];
  })
    .join('\n')
    .trimEnd();
}

const SYMPTOM_TITLE: Record<Symptom, string> = {
  session: 'Is there a session?',
  service: 'Does DCV run?',
  desktop: 'Is there a desktop to show?',
  nginx: 'What does nginx say?',
  network: 'Does anything get through?',
};

/** "The desktop doesn't show", as the README has it: the errors there may be, by question, each with what to type. Pure. */
export function troubleshootingAsMarkdown(catalogue: readonly Check[]): string {
  return (Object.keys(SYMPTOM_TITLE) as Symptom[])
    .flatMap((symptom) => {
      const checks = catalogue.filter(
        (check) => check.symptoms.includes(symptom) && check.severity === 'error',
      );
      if (checks.length === 0) return [];
      return [
        `**${SYMPTOM_TITLE[symptom]}**`,
        '',
        ...checks.map(
          ({ title, remedy }) =>
            `- ${title}: ${remedy
              .split('\n')
              .map((line) => (isCommand(line) ? `\`${line}\`` : line))
              .join(', then ')}`,
        ),
        '',
      ];
    })
    .join('\n')
    .trimEnd();
}

/** Some steps are words: only a person can take them. */
function isCommand(line: string): boolean {
  return /^(?:dcvops|chmod|ls|nc|npm|ssh|ssh-add) /.test(line);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

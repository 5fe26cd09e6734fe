import type { Command } from 'commander';
import type { Diagnosis } from '../doctor/diagnose.ts';
import type { FactSet } from '../doctor/facts/fleet.ts';
import type { FixResult } from '../operations/doctor/fix.ts';
import type { Scope, SurveyContext } from '../operations/doctor/survey.ts';
import { type CliContext, action } from './context.ts';
import { type Fleet, usingFleet } from './fleet.ts';
import { whoAmI } from './gateways.ts';

interface DoctorFlags {
  readonly facts?: boolean;
  readonly from?: string;
  readonly list?: boolean;
  readonly fix?: boolean;
  readonly endSessions?: boolean;
  readonly strict?: boolean;
  readonly all?: boolean;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find out what is wrong, why, and the command that mends it')
    .argument(
      '[host...]',
      'names, addresses, globs or @tags; default: all. An agent’s proxies are asked, too',
    )
    .option('--fix', 'show what can be mended safely, ask, do it, and look again')
    .option('--end-sessions', 'with --fix: also what ends sessions that people are connected to')
    .option('--strict', 'exit with 1 for warnings, too')
    .option('--all', 'show also what merely follows from something else')
    .option('--facts', 'print the facts as JSON instead of a diagnosis')
    .option('--from <file>', 'diagnose facts that were saved, without any host ("-": from stdin)')
    .option('--list', 'print every check')
    .addHelpText(
      'after',
      '\nChanges nothing unless --fix is given. Exit codes: 0 no error, 1 errors (with --strict: or warnings)\n' +
        '\nExamples:\n' +
        '  dcvops doctor agent1                   why does the desktop not show?\n' +
        '  dcvops doctor --fix\n' +
        '  dcvops doctor --facts > facts.json     look at it elsewhere: dcvops doctor --from facts.json\n',
    )
    .action(
      action(async (context, patterns: string[], flags: DoctorFlags) => {
        const { refuseCombinations } = await import('./doctor/flags.ts');
        refuseCombinations(patterns, flags);
        if (flags.list === true) return listChecks(context);
        if (flags.from !== undefined) {
          const { readFacts } = await import('./doctor/read-facts.ts');
          return diagnoseAndPrint(context, await readFacts(flags.from), flags);
        }
        // what is wrong with a key file is one of its findings
        return usingFleet(context, (fleet) => examine(context, fleet, patterns, flags), { keyFiles: 'left' });
      }),
    );
}

async function listChecks(context: CliContext): Promise<number> {
  const [{ CATALOGUE }, { formatCatalogue, catalogueAsJson }] = await Promise.all([
    import('../doctor/catalogue.ts'),
    import('../doctor/format-catalogue.ts'),
  ]);
  if (context.json) context.printJson(catalogueAsJson(CATALOGUE));
  else context.print(formatCatalogue(CATALOGUE, context.style));
  return 0;
}

async function examine(
  context: CliContext,
  fleet: Fleet,
  patterns: readonly string[],
  flags: DoctorFlags,
): Promise<number> {
  const [{ selectHosts }, { scopeOf }, { trustedRoots }] = await Promise.all([
    import('../inventory/select.ts'),
    import('../operations/doctor/survey.ts'),
    import('../gateway/trusted-roots.ts'),
  ]);
  const scope = scopeOf(fleet.inventory, selectHosts(fleet.inventory, patterns));
  const survey: SurveyContext = {
    inventory: fleet.inventory,
    pool: fleet.pool,
    concurrency: context.concurrency,
    env: process.env,
    factsTimeoutMs: context.commandTimeoutMs,
    roots: await trustedRoots(),
  };
  const facts = await look(context, survey, scope);
  if (flags.facts === true) {
    context.printJson(facts);
    return 0;
  }
  if (flags.fix !== true) return diagnoseAndPrint(context, facts, flags);
  return mend(context, fleet, facts, flags, () => look(context, survey, scope));
}

async function look(context: CliContext, survey: SurveyContext, scope: Scope): Promise<FactSet> {
  const [{ survey: lookAround }, { withSpinner }] = await Promise.all([
    import('../operations/doctor/survey.ts'),
    import('../report/spinner.ts'),
  ]);
  return withSpinner('reading the hosts', context.showsProgress, ({ update }) =>
    lookAround({ ...survey, onProgress: update }, scope),
  );
}

async function diagnoseAndPrint(context: CliContext, facts: FactSet, flags: DoctorFlags): Promise<number> {
  const { diagnose } = await import('../doctor/diagnose.ts');
  const diagnosis = diagnose(facts);
  await print(context, facts, diagnosis, flags);
  return exitCodeOf(diagnosis, flags);
}

async function print(
  context: CliContext,
  facts: FactSet,
  diagnosis: Diagnosis,
  flags: DoctorFlags,
  fixes?: readonly FixResult[],
): Promise<void> {
  if (context.json) {
    const { diagnosisAsJson } = await import('../doctor/format-json.ts');
    context.printJson(diagnosisAsJson(facts, diagnosis, fixes));
    return;
  }
  const { formatDiagnosis } = await import('../doctor/format.ts');
  context.print(formatDiagnosis(facts, diagnosis, context.style, { all: flags.all === true }));
}

function exitCodeOf({ findings }: Diagnosis, { strict }: DoctorFlags): number {
  const fails = findings.some(
    ({ severity }) => severity === 'error' || (strict === true && severity === 'warning'),
  );
  return fails ? 1 : 0;
}

async function mend(
  context: CliContext,
  { inventory, connect }: Fleet,
  facts: FactSet,
  flags: DoctorFlags,
  lookAgain: () => Promise<FactSet>,
): Promise<number> {
  const { mendInRounds } = await import('../operations/doctor/mend.ts');
  const { emit, ask, concurrency } = context;
  const after = await mendInRounds(
    {
      inventory,
      connect,
      emit,
      concurrency,
      who: whoAmI(),
      confirm: (question) => ask.confirm(question),
      lookAgain,
    },
    facts,
    { endSessions: flags.endSessions === true },
  );
  await print(context, after.facts, after.diagnosis, flags, after.results);
  const failed = after.results.some(({ outcome }) => outcome === 'failed');
  return failed ? 1 : exitCodeOf(after.diagnosis, flags);
}

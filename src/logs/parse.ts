import { parseDcv } from './formats/dcv.ts';
import { parseJournal } from './formats/journal.ts';
import { parseNginxCombined } from './formats/nginx-combined.ts';
import { parseNginxError } from './formats/nginx-error.ts';
import { parseNginxJson } from './formats/nginx-json.ts';
import { parseText } from './formats/text.ts';
import type { LogFormat, ParseLine } from './record.ts';

const PARSERS: Readonly<Record<LogFormat, ParseLine>> = {
  'nginx-json': parseNginxJson,
  'nginx-combined': parseNginxCombined,
  'nginx-error': parseNginxError,
  dcv: parseDcv,
  journal: parseJournal,
  text: parseText,
};

/** What understands a format's lines. None of them throws, whatever a line holds. */
export function parserOf(format: LogFormat): ParseLine {
  return PARSERS[format];
}

/** The name of a session's file: `agent1-desk.png`. What does not belong into a file name becomes `_`. */
export function sessionFileName(agent: string, id: string, ending: string): string {
  return `${`${agent}-${id}`.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.${ending}`;
}

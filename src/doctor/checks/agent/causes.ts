/** Findings that explain why dcv says nothing of its sessions; what is asked of sessions follows from them. */
export const NO_SERVICE: readonly string[] = [
  'agent/dcv-missing',
  'agent/port-taken',
  'agent/service-crash-loops',
  'agent/service-down',
  'agent/service-starting',
];

/** The same, with a dcvserver that runs and yet does not answer. */
export const NO_ANSWER: readonly string[] = [...NO_SERVICE, 'agent/not-answering'];

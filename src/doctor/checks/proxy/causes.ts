/** Findings that explain why the gateway does not serve what is on disk; what is asked of that follows from them. */
export const NOT_SERVING: readonly string[] = [
  'proxy/nginx-missing',
  'proxy/nginx-stopped',
  'proxy/config-invalid',
  'proxy/not-deployed',
  'proxy/port-taken',
  'proxy/rival-files',
];

/** Findings that make what the gateway's file says no one's intention: it is about to be replaced. */
export const NOT_THE_INVENTORYS: readonly string[] = [
  'proxy/nginx-missing',
  'proxy/not-deployed',
  'proxy/pending',
  'proxy/edited',
];

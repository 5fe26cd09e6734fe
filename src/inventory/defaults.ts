/** What left-out settings mean; the schema tells it to editors, `resolve.ts` to the program. */
export const DEFAULTS = {
  listen: 8443,
  workerConnections: 16_384,
  sessionType: 'virtual',
  sessionId: 'desktop-session',
  hostKeys: 'strict',
  /** Where DCV's own gateway kept its certificate, and where the scripts before dcvops expected it. */
  certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
  certificateKey: '/etc/dcv-connection-gateway/certs/dcv.key',
  /** Below /etc/nginx, so that SELinux lets nginx read them. */
  selfSignedCertificate: '/etc/nginx/dcv-gateway.crt',
  selfSignedKey: '/etc/nginx/dcv-gateway.key',
  /** For each client's address: requests and WebSocket handshakes a second, and how much is open at once. */
  rate: { requests: 1000, handshakes: 100, connections: 8000 },
} as const;

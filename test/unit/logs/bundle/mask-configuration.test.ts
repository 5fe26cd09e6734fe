import { describe, expect, it } from 'vitest';
import { createConfigurationMasker } from '../../../../src/logs/bundle/mask-configuration.ts';

function maskAll(text: string): string {
  const maskLine = createConfigurationMasker();
  return text
    .split('\n')
    .map(maskLine)
    .filter((line) => line !== undefined)
    .join('\n');
}

describe('configurations in a bundle: a secret that is sent to support is no secret any more', () => {
  it.each([
    ['db-password = "hunter2"', 'db-password = ***'],
    ['PASSWORD=hunter2 with spaces', 'PASSWORD=***'],
    ['pass: hunter2', 'pass: ***'],
    ['  "client_secret": "hunter2",', '  "client_secret": ***'],
    ['jdbc.user.password=hunter2', 'jdbc.user.password=***'],
    ['broker-api-key: "hunter2"', 'broker-api-key: ***'],
    ['# password = hunter2', '# password = ***'],
    ['Environment=A=1 DB_PASSWORD=hunter2', 'Environment=A=1 DB_PASSWORD=***'],
    ['token-type = "x" password = "hunter2"', 'token-type = "x" password = ***'],
    ['password = """\nhunter2\nmore\n"""\nport = 1', 'password = ***\nport = 1'],
    ['password = hun\\\n  ter2\nport = 1', 'password = ***\nport = 1'],
    ['/usr/bin/x --password hunter2 --port 1', '/usr/bin/x --password *** --port 1'],
    ['/usr/bin/x --token=hunter2', '/usr/bin/x --token=***'],
    ['proxy_set_header Authorization "Basic aHVudGVyMg==";', 'proxy_set_header Authorization ***;'],
    ['  proxy_set_header X-Api-Key hunter2;', '  proxy_set_header X-Api-Key ***;'],
    [
      'proxy_set_header Authorization\n  "Basic; aHVudGVyMg==";\nx on;',
      'proxy_set_header Authorization ***;\nx on;',
    ],
    ['location / { set $api_secret "hunter2"; }', 'location / { set $api_secret ***;'],
    ['secure_link_secret hunter2;', 'secure_link_secret ***;'],
    ['add_header Set-Cookie "id=hunter2; Path=/";', 'add_header Set-Cookie ***;'],
    ['jane:$apr1$abcdefgh$0123456789abcdefghijkl', 'jane:***'],
    ['jane:$2y$10$0123456789012345678901234567890123456789012345678901a', 'jane:***'],
    ['jane:$6$abcdefgh12345678$' + 'x'.repeat(86), 'jane:***'],
    [`"~^${'a1'.repeat(32)}$" off;`, '"~^***$" off;'],
    [
      `"~^DCV gateway$" "__Host-dcv_gateway=${'a1'.repeat(32)}; Path=/; Secure";`,
      '"~^DCV gateway$" "__Host-dcv_gateway=***; Path=/; Secure";',
    ],
    ['jane:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'jane:***'],
    ['url = "https://jane:hunter2@example.com/x"', 'url = "https://***@example.com/x"'],
    ['proxy_pass http://jane:hunter2@10.0.0.1;', 'proxy_pass http://***@10.0.0.1;'],
    ['license-file = "jane:hunter2@licences"', 'license-file = "***@licences"'],
    [
      'auth-token-verifier="https://jane:hunter2@broker:8445/agent/validate?key=hunter2"',
      'auth-token-verifier="https://***@broker:8445/agent/validate?***"',
    ],
    [
      'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIhunter2\nhunter2\n-----END RSA PRIVATE KEY-----\nb',
      'a\n***\nb',
    ],
    ['key = "-----BEGIN PRIVATE KEY-----\\nhunter2\\n-----END PRIVATE KEY-----"\nb', 'key = "***\nb'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n(the rest is missing)', '***'],
  ])('hides it: %s', (text, masked) => {
    expect(maskAll(text)).toBe(masked);
  });

  it.each([
    'proxy_pass https://10.150.248.180:8443;',
    'proxy_set_header Cookie $http_cookie;',
    'proxy_set_header Host $host;',
    'add_header Set-Cookie $dcv_login_issue;',
    '"~(?:^|;[ \\t]*)__Host-dcv_gateway=(?<dcv_mlc>[0-9a-f]{64})[ \\t]*(?:;|$)" $dcv_mlc;',
    'ssl_certificate_key /etc/dcv/dcv.key;',
    'ssl_password_file /etc/nginx/passwords;',
    'auth_basic_user_file /etc/nginx/htpasswd;',
    'rewrite ^/([0-9.]+)/(.*)$ $1$is_args$args;',
    'auth-token-verifier-timeout = 100',
    'auth-token-verifier = "https://broker:8445/agent/validate-authentication-token"',
    'connect-session-token-duration-minutes = 60',
    "pam-service-name = 'dcv'",
    'license-file = "5053@licences"',
    'passphrase = ""',
    "web-listen-endpoints = ['0.0.0.0:8443', '[::]:8443']",
    'administrators = ["dcvsmagent"]',
    '',
  ])('leaves what support has to see: %s', (text) => {
    expect(maskAll(text)).toBe(text);
  });

  it.each([
    ['password-file=', 'a name that is harmless, again and again'],
    ['pass', 'the beginning of a name'],
    ['set $a', 'the beginning of a directive'],
    ['a@', 'something like a user'],
    ['license-file a', 'a licence'],
    ['-----BEGIN ', 'the beginning of a key'],
    ['--token ', 'a flag'],
  ])('is not slowed down by %j: a user’s process can be called that', (part) => {
    const startedAt = performance.now();
    maskAll(part.repeat(Math.ceil(200_000 / part.length)));
    // what grows with the square of the length takes minutes
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

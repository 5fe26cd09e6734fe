import { describe, expect, it } from 'vitest';
import { pinnedAgents } from '../../../src/gateway/config/pins.ts';
import { readPinnable } from '../../../src/gateway/pin.ts';
import { agent, gatewaySettings } from './inventories.ts';

/** As DCV makes it: CN is the host's name, the only alternative name an address. */
const OF_DCV = `-----BEGIN CERTIFICATE-----
MIIBiTCCATCgAwIBAgIUaIMQorwH7xHVccvf5FstcdeiNN4wCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGYWdlbnQxMCAXDTI2MTEyNTE5NDQxOFoYDzIxMjYxMTAxMTk0
NDE4WjARMQ8wDQYDVQQDDAZhZ2VudDEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATiKhdlNtmvYyMZngYTLBTrG/a5GWOcNmI/SmBPZvb2cSrDchhfg1j2WaCa9+HG
FOlvGxjP/eY6t8+13LX+YBOJo2QwYjAdBgNVHQ4EFgQUsIt4DaOzRX7DgPNMKP5h
uNHNfvMwHwYDVR0jBBgwFoAUsIt4DaOzRX7DgPNMKP5huNHNfvMwDwYDVR0TAQH/
BAUwAwEB/zAPBgNVHREECDAGhwQKlvi0MAoGCCqGSM49BAMCA0cAMEQCIFPk7T2c
8j1ro0vcFta9KV1pSogGV59s0Z34efaO5kFTAiAgGXinKj1W09x1uuydvcrUWqAR
D5bUN7VXy4TDrouCXw==
-----END CERTIFICATE-----
`;
/** CN=other; DNS:*.fleet.example, DNS:b.example. */
const WITH_NAMES = `-----BEGIN CERTIFICATE-----
MIIBnTCCAUSgAwIBAgIUQ36KBMTf1QMmPHqMB10MxaAH+ggwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI1MTk0NDE4WhgPMjEyNjExMDExOTQ0
MThaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
1RMP9B45zx9AuZHE4EJFc7B6oh0SaLa1nUh1G3mELqAnA9+93j4sE6k2TTwQjIlN
/H32vtlRZC30IJiUT74TvaN6MHgwHQYDVR0OBBYEFBTqIvaLtyQ6mlQJeMJYvEEn
yba4MB8GA1UdIwQYMBaAFBTqIvaLtyQ6mlQJeMJYvEEnyba4MA8GA1UdEwEB/wQF
MAMBAf8wJQYDVR0RBB4wHIIPKi5mbGVldC5leGFtcGxlggliLmV4YW1wbGUwCgYI
KoZIzj0EAwIDRwAwRAIgYDK8RYsptmjuMhsDJD/3aHG9OlGddbI2RImgGxepI9QC
IHI8WIlRyuFhh/zXFX8ifMTaZ+8JfDR7hDZHl8GVX5b+
-----END CERTIFICATE-----
`;
/** CN=NICE DCV, and nothing else. */
const WITHOUT_NAME = `-----BEGIN CERTIFICATE-----
MIIBfjCCASOgAwIBAgIUXK95DU3JgyMrMWm0P9yFkgUXxeswCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwITklDRSBEQ1YwIBcNMjYxMTI1MTk0NDE4WhgPMjEyNjExMDEx
OTQ0MThaMBMxETAPBgNVBAMMCE5JQ0UgRENWMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE6/1lfl/f9DR3Xlzx7eIBWpmyz2T7k9NUF6dWQr/6sIj5f9kcvUsIlW+1
ZwjKRrqBBMm3+l5q/3M12KbnIjAaraNTMFEwHQYDVR0OBBYEFI+zkLCskgoVLKri
a6erHi7w19pSMB8GA1UdIwQYMBaAFI+zkLCskgoVLKria6erHi7w19pSMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAJm+w7k0+q3ASb3+fTu3p+Lg
3ldjkdfXsbeF4wPZTspzAiEAiNFE8bo1pqwg4pE0JTopX+qqRnfW8QIanxsPE95c
PQc=
-----END CERTIFICATE-----
`;
/** CN=leaf, issued by the first one. */
const ISSUED = `-----BEGIN CERTIFICATE-----
MIIBGzCBwwIUag6iZfriPmCRVa5oMhfR+X1iI14wCgYIKoZIzj0EAwIwETEPMA0G
A1UEAwwGYWdlbnQxMCAXDTI2MTEyNTE5NDQxOFoYDzIxMjYxMTAxMTk0NDE4WjAP
MQ0wCwYDVQQDDARsZWFmMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuKyv0rlE
zcFyydSV6sUMHzQ9dEGuJ7m4A9G/oVpWuMh8nnZfbo5yocxpWhCK6m7quVXIaX/i
3LroCXujBUS2RzAKBggqhkjOPQQDAgNHADBEAiAC/+zbUEadnrx+0cJT++hvOtI2
4i1ktRYwwCAHwuGfpgIgBVMKydYP02b1g9j/D3q7jRBLiXgNPA+ycZtTx5rz7qo=
-----END CERTIFICATE-----
`;

describe('a certificate that can be pinned', () => {
  it('is told by its fingerprint, and by the name that nginx compares', () => {
    const pin = readPinnable(`Bag Attributes\n${OF_DCV}${ISSUED}`, 'agent1');
    expect(pin).toMatchObject({
      name: 'agent1',
      pem: OF_DCV,
      sha256: '5897d50bbef442fc7d8ac08035852f293b13367aab793446133c319315d23bf5',
    });
  });

  it('has a DNS name before its CN, and a name that fits where it is a wildcard', () => {
    expect(readPinnable(WITH_NAMES, 'agent1').name).toBe('pinned.fleet.example');
  });

  it.each([
    ['no certificate', '', 'there is no certificate in it'],
    ['a damaged one', OF_DCV.replace(/A/g, 'B'), 'there is no certificate in it'],
    ['one without a name', WITHOUT_NAME, 'its certificate has no name that nginx could compare'],
    ['one of an authority', ISSUED, 'its certificate is issued by CN=agent1; only self-signed ones'],
  ])('%s is refused', (_, pem, message) => {
    expect(() => readPinnable(pem, 'agent1')).toThrow(message);
  });
});

describe('the agents of a gateway that verifies them', () => {
  const verified = gatewaySettings({ verifyAgents: true });

  it('have a file each', () => {
    const [pinned] = pinnedAgents(verified, [agent('agent1', 'fd00:150::5', { pinned: OF_DCV })]) ?? [];
    expect(pinned?.file).toBe('/etc/nginx/dcv-gateway/pins/dcv_fd00_150__5.pem');
  });

  it('must all be pinned: an agent without a pin would be a 403 for its people', () => {
    expect(() =>
      pinnedAgents(verified, [
        agent('agent1', '10.150.248.180', { pinned: OF_DCV }),
        agent('agent2', '10.150.248.136'),
      ]),
    ).toThrow('gateway.verify_agents is on, and no certificate is pinned for agent2.');
  });

  it('are none where nothing is verified', () => {
    expect(pinnedAgents(gatewaySettings(), [agent('agent1', '10.150.248.180')])).toBeUndefined();
  });
});

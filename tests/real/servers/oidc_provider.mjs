// An authorization server: the npm package oidc-provider.
//
// Usage: node oidc_provider.mjs DIRECTORY
//
// DIRECTORY holds `server.json` and the keys and certificates that the clients are known by. Prints
// one line for each token request, such as `token request: 200`. Replaces refresh tokens at each
// use, and takes one that comes twice for theft: it ends the whole grant.

import { X509Certificate, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

// Packages are installed outside the source tree, where Node's own search does not look.
const installed = (path) => import(`../.servers/node_modules/${path}`);
const { default: Provider, errors } = await installed('oidc-provider/lib/index.js');
const { jwtVerify } = await installed('jose/dist/webapi/index.js');

const [directory] = process.argv.slice(2);
const read = (name) => readFileSync(`${directory}/${name}`, 'utf8');
const orders = JSON.parse(read('server.json'));
const { port, tls_port: tlsPort, lifetime, clock_ahead: clockAhead, clients } = orders;
const origin = `http://127.0.0.1:${port}`;

const now = Date.now.bind(Date);
/** The clock of this server. What asks for no moment of its own gets that of the clock. */
globalThis.Date = class extends Date {
  constructor(...moment) {
    super(...(moment.length ? moment : [Date.now()]));
  }
  static now() {
    return now() + clockAhead * 1000;
  }
};

const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const SCOPES = ['read', 'write'];

const GRANT_TYPES = {
  client_credentials: ['client_credentials'],
  refresh_token: ['refresh_token'],
  authorization_code: ['authorization_code', 'refresh_token'],
  device_code: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  jwt_bearer: [JWT_BEARER],
  token_exchange: [TOKEN_EXCHANGE],
};

/** How the provider recognises the client, by its way to authenticate. */
function proof({ authentication, algorithm, client_secret }) {
  switch (authentication) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return { client_secret };
    case 'client_secret_jwt':
      return { client_secret, token_endpoint_auth_signing_alg: algorithm };
    case 'private_key_jwt':
      return { jwks: { keys: [publicKey(algorithm)] }, token_endpoint_auth_signing_alg: algorithm };
    case 'tls_client_auth':
      return { tls_client_auth_san_dns: 'client.example' };
    case 'self_signed_tls_client_auth': {
      const certificate = new X509Certificate(read('self_signed_tls_client_auth.pem'));
      const key = certificate.publicKey.export({ format: 'jwk' });
      return { jwks: { keys: [{ ...key, x5c: [certificate.raw.toString('base64')] }] } };
    }
    default:
      return {};
  }
}

function publicKey(algorithm) {
  return { ...createPublicKey(read(`${algorithm}.pub`)).export({ format: 'jwk' }), alg: algorithm };
}

const metadata = (client) => {
  const grant_types = GRANT_TYPES[client.grant];
  const redirect_uris = client.redirect_uri ? [client.redirect_uri] : [];
  return {
    client_id: client.client_id,
    token_endpoint_auth_method: client.authentication,
    grant_types,
    redirect_uris,
    response_types: redirect_uris.map(() => 'code'),
    // A native application may come back to any port of the loopback address (RFC 8252, 7.3).
    application_type: 'native',
    scope: [...SCOPES, 'offline_access'].join(' '),
    ...proof(client),
  };
};

const provider = new Provider(origin, {
  clients: clients.map(metadata),
  scopes: [...SCOPES, 'offline_access'],
  clientAuthMethods: [
    'none',
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
  ],
  enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    mTLS: {
      enabled: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate?.()?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized === true,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_san_dns' &&
        ctx.socket.getPeerX509Certificate().subjectAltName === `DNS:${expected}`,
    },
  },
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: lifetime, ClientCredentials: lifetime, RefreshToken: 3600, Grant: 3600 },
});

const grantOf = async (clientId) => {
  const grant = new provider.Grant({ accountId: 'ann', clientId });
  grant.addOIDCScope([...SCOPES, 'offline_access'].join(' '));
  return grant.save();
};

/** What a token is issued to, for the grants that oidc-provider leaves to its users. */
async function issue(ctx, accountId) {
  const { client } = ctx.oidc;
  const token = new provider.AccessToken({
    accountId,
    client,
    grantId: await grantOf(client.clientId),
    gty: 'custom',
    scope: 'read',
  });
  const access_token = await token.save();
  ctx.body = { access_token, expires_in: token.expiration, token_type: token.tokenType };
}

/** What a JWT says that one of the keys here has signed; others are no grant (RFC 7523, 3.1). */
async function verified(jwt, expected) {
  try {
    const { alg } = JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url'));
    const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
    const audience = `${origin}/token`;
    const key = createPublicKey(read(`${alg}.pub`));
    return (await jwtVerify(jwt, key, { algorithms, audience, ...expected })).payload;
  } catch (error) {
    throw new errors.InvalidGrant(error.message);
  }
}

// Both grants: the request and the client are checked by oidc-provider, the JWT by jose.
provider.registerGrantType(
  JWT_BEARER,
  async (ctx) => {
    const { sub } = await verified(ctx.oidc.params.assertion, {
      issuer: ctx.oidc.client.clientId,
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
    });
    await issue(ctx, sub);
  },
  ['assertion', 'scope'],
);
provider.registerGrantType(
  TOKEN_EXCHANGE,
  async (ctx) => {
    const { subject_token: subject, subject_token_type: type } = ctx.oidc.params;
    if (type === JWT) {
      // Of a workload, which no client of this server stands for.
      const { sub, jti } = await verified(subject, { requiredClaims: ['exp', 'sub', 'jti'] });
      console.log(`exchanged: ${jti}`);
      await issue(ctx, sub);
      return;
    }
    const token = await provider.AccessToken.find(subject);
    await issue(ctx, token.accountId);
  },
  ['subject_token', 'subject_token_type', 'requested_token_type', 'scope'],
);

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith('/interaction/')) {
    // Everybody who comes is Ann, who agrees to everything.
    ctx.respond = false;
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const consent = { grantId: await grantOf(params.client_id) };
    const result = { login: { accountId: 'ann' }, consent };
    await provider.interactionFinished(ctx.req, ctx.res, result);
    return;
  }
  await next();
  // Node's own does not ask the clock of this server.
  ctx.set('Date', new Date().toUTCString());
  if (ctx.path === '/token') console.log(`token request: ${ctx.status}`);
});
provider.on('grant.error', (_, error) => console.log(`refused: ${error.error_detail ?? error}`));
provider.on('server_error', (_, error) => console.log(`failed: ${error}`));

/** The tokens that some clients begin with, as if somebody had obtained them for them. */
async function seed({ client_id, grant }) {
  const client = await provider.Client.find(client_id);
  const grantId = await grantOf(client_id);
  const common = { accountId: 'ann', client, grantId, scope: 'read', gty: 'authorization_code' };
  if (grant === 'refresh_token') return new provider.RefreshToken(common).save();
  if (grant === 'token_exchange') {
    const token = new provider.AccessToken(common);
    token.expiresIn = 3600;
    return token.save();
  }
  return undefined;
}

const seeds = {};
for (const client of clients) seeds[client.client_id] = await seed(client);
writeFileSync(`${directory}/seeds.json`, JSON.stringify(seeds));

const handler = provider.callback();
const tls = {
  cert: read('server.pem'),
  key: read('server.key'),
  ca: read('authority.pem'),
  requestCert: true,
  // Whether the certificate will do is for oidc-provider to say: a self-signed one may.
  rejectUnauthorized: false,
};
https.createServer(tls, handler).listen(tlsPort, '127.0.0.1', () => {
  console.log('clients registered');
  http.createServer(handler).listen(port, '127.0.0.1');
});

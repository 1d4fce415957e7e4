// An authorization server: the npm package @node-oauth/oauth2-server, with a store in memory.
//
// Usage: node node_oauth2_server.mjs DIRECTORY
//
// DIRECTORY holds `server.json`. Prints one line for each token request, such as
// `token request: 200`. Replaces refresh tokens at each use.

import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';

// Packages are installed outside the source tree, where Node's own search does not look.
const { default: OAuth2Server } = await import(
  '../.servers/node_modules/@node-oauth/oauth2-server/index.js'
);
const { Request, Response } = OAuth2Server;

const [directory] = process.argv.slice(2);
const { port, lifetime, clients } = JSON.parse(readFileSync(`${directory}/server.json`, 'utf8'));

const ANN = { id: 'ann' };
const SCOPES = ['read', 'write'];
const AN_HOUR = 3600;

const registered = new Map(clients.map((client) => [client.client_id, client]));
const accessTokens = new Map();
const refreshTokens = new Map();
const codes = new Map();

const grants = (grant) =>
  ['password', 'authorization_code'].includes(grant) ? [grant, 'refresh_token'] : [grant];

/** What the package asks its users to write. */
const model = {
  getClient(id, secret) {
    const client = registered.get(id);
    if (!client || (secret !== null && secret !== undefined && secret !== client.client_secret)) {
      return null;
    }
    return { id, grants: grants(client.grant), redirectUris: [client.redirect_uri] };
  },
  // The port of a loopback address may be any (RFC 8252, section 7.3).
  validateRedirectUri(uri, client) {
    return client.redirectUris.includes(uri.replace(/:\d+\//, '/'));
  },
  validateScope: (user, client, scope = ['read']) =>
    scope.every((value) => SCOPES.includes(value)) && scope,
  getUserFromClient: () => ANN,
  getUser: (name, password) => name === 'ann' && password === "ann's password" && ANN,
  saveToken(token, client, user) {
    const saved = { ...token, client, user };
    accessTokens.set(saved.accessToken, saved);
    if (saved.refreshToken) refreshTokens.set(saved.refreshToken, saved);
    return saved;
  },
  getAccessToken: (token) => accessTokens.get(token),
  getRefreshToken: (token) => refreshTokens.get(token),
  revokeToken: ({ refreshToken }) => refreshTokens.delete(refreshToken),
  saveAuthorizationCode(code, client, user) {
    const saved = { ...code, client, user };
    codes.set(saved.authorizationCode, saved);
    return saved;
  },
  getAuthorizationCode: (code) => codes.get(code),
  revokeAuthorizationCode: ({ authorizationCode }) => codes.delete(authorizationCode),
};

const server = new OAuth2Server({
  model,
  accessTokenLifetime: lifetime,
  refreshTokenLifetime: AN_HOUR,
  // Everybody who comes to the authorization endpoint is Ann.
  authenticateHandler: { handle: () => ANN },
});

/** A client without a secret is known by its id alone. */
function requireClientAuthentication({ client_id: id }) {
  const isPublic = registered.get(id)?.authentication === 'none';
  return isPublic ? { password: false, refresh_token: false, authorization_code: false } : {};
}

async function answer(path, request, response) {
  if (path === '/authorize') return server.authorize(request, response);
  const options = { requireClientAuthentication: requireClientAuthentication(request.body) };
  return server.token(request, response, options);
}

async function serve(message, reply) {
  let body = '';
  for await (const chunk of message) body += chunk;
  const { pathname, searchParams } = new URL(message.url, 'http://127.0.0.1');
  const request = new Request({
    method: message.method,
    headers: message.headers,
    query: Object.fromEntries(searchParams),
    body: Object.fromEntries(new URLSearchParams(body)),
  });
  const response = new Response({});
  // The package puts its refusals into `response` as well.
  await answer(pathname, request, response).catch((error) => console.log(`refused: ${error}`));
  if (pathname === '/token') console.log(`token request: ${response.status}`);
  reply.writeHead(response.status, { ...response.headers, 'content-type': 'application/json' });
  reply.end(JSON.stringify(response.body));
}

/** The refresh tokens that some clients begin with, as if somebody had obtained them for them. */
const seeds = {};
for (const { client_id: id, grant } of clients) {
  if (grant !== 'refresh_token') continue;
  seeds[id] = `seed-${id}`;
  const refreshTokenExpiresAt = new Date(Date.now() + AN_HOUR * 1000);
  const token = { refreshToken: seeds[id], refreshTokenExpiresAt, scope: ['read'] };
  model.saveToken(token, model.getClient(id), ANN);
}
writeFileSync(`${directory}/seeds.json`, JSON.stringify(seeds));

console.log('clients registered');
http.createServer(serve).listen(port, '127.0.0.1');

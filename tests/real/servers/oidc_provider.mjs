// An authorization server: the npm package oidc-provider.
//
// Usage: node oidc_provider.mjs PORT LIFETIME_IN_SECONDS
//
// Prints one line for each token request, such as `token request: 200`.

import { readFileSync } from 'node:fs';

// Packages are installed outside the source tree, where Node's own search does not look.
const { default: Provider } = await import('../.servers/node_modules/oidc-provider/lib/index.js');

const [port, lifetime] = process.argv.slice(2).map(Number);
const clients = JSON.parse(readFileSync(new URL('clients.json', import.meta.url)));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: clients.map(({ client_id, client_secret, authentication }) => ({
    client_id,
    client_secret,
    token_endpoint_auth_method: authentication,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'read write',
  })),
  scopes: ['read', 'write'],
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  ttl: { ClientCredentials: lifetime },
});

provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/token') console.log(`token request: ${ctx.status}`);
});

console.log('clients registered');
provider.listen(port, '127.0.0.1');

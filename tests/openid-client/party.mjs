// A relying party on openid-client 6, which knows nothing of Latchkey: the tests start one for each scenario. It reads what
// it is told to be from the first line of its input, asks for a browser by a line `{"open": address}`, is answered by the
// address at which the browser left Latchkey, and ends with `{"done": what it learnt}` or `{"failed": why}`.
import { createInterface } from 'node:readline';
import { createPrivateKey, webcrypto } from 'node:crypto';

const oidc = await import(process.env.OPENID_CLIENT);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await input.next()).value);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const browse = async (address) => {
  say({ open: `${address}` });
  return new URL(await read());
};

const KEYS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
};

// The private key that it was given, for the algorithm that it was told.
async function privateKey({ pem, alg, kid }) {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return { key: await webcrypto.subtle.importKey('pkcs8', pkcs8, KEYS[alg], false, ['sign']), kid };
}

const METHODS = {
  client_secret_basic: (told) => oidc.ClientSecretBasic(told.secret),
  client_secret_post: (told) => oidc.ClientSecretPost(told.secret),
  client_secret_jwt: (told) => oidc.ClientSecretJwt(told.secret),
  private_key_jwt: async (told) => oidc.PrivateKeyJwt(await privateKey(told.key)),
  none: () => oidc.None(),
};

async function discover(told) {
  const metadata = { client_secret: told.secret || undefined, ...told.metadata };
  const authentication = await METHODS[told.method](told);
  const plainly = { execute: [oidc.allowInsecureRequests] };
  const config = await oidc.discovery(new URL(told.issuer), told.client_id, metadata, authentication, plainly);
  // It would trust TLS where there is some; here it verifies every signature.
  oidc.enableNonRepudiationChecks(config);
  return config;
}

// From the request to the tokens, with every check that openid-client knows.
async function signIn(config, told, parameters = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const asked = {
    redirect_uri: told.redirect_uri,
    scope: told.scope ?? 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  };
  let address;
  if (told.pushed) {
    address = await oidc.buildAuthorizationUrlWithPAR(config, asked);
  } else if (told.request_key) {
    address = await oidc.buildAuthorizationUrlWithJAR(config, asked, await privateKey(told.request_key));
  } else {
    address = oidc.buildAuthorizationUrl(config, asked);
  }
  const back = await browse(address);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(config, back, checks);
  return { tokens, address: `${address}` };
}

// What the server answered to something that must not work.
async function refusal(promise) {
  try {
    await promise;
    return 'nothing was refused';
  } catch (error) {
    return error.error ?? error.code ?? error.message;
  }
}

const SCENARIOS = {
  async sign_in(config, told) {
    const { tokens, address } = await signIn(config, told);
    const claims = tokens.claims();
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    return { claims, userinfo, address, scope: tokens.scope };
  },

  async life_of_tokens(config, told) {
    const { tokens } = await signIn(config, told);
    const known = await oidc.tokenIntrospection(config, tokens.access_token);
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    const narrower = await oidc.refreshTokenGrant(config, refreshed.refresh_token, { scope: 'openid' });
    const wider = await refusal(oidc.refreshTokenGrant(config, narrower.refresh_token, { scope: 'openid phone' }));
    await oidc.tokenRevocation(config, narrower.refresh_token);
    const revoked = await refusal(oidc.refreshTokenGrant(config, narrower.refresh_token));
    const unknown = await oidc.tokenIntrospection(config, narrower.access_token);
    return { first: tokens.claims(), second: refreshed.claims(), scope: narrower.scope, known, wider, revoked, unknown };
  },

  async hybrid(config, told) {
    oidc.useCodeIdTokenResponseType(config);
    const { tokens, address } = await signIn(config, told);
    return { claims: tokens.claims(), address };
  },

  async implicit(config, told) {
    oidc.useIdTokenResponseType(config);
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const address = oidc.buildAuthorizationUrl(config, { redirect_uri: told.redirect_uri, scope: 'openid email', state, nonce });
    const claims = await oidc.implicitAuthentication(config, await browse(address), nonce, { expectedState: state });
    return { claims };
  },

  async logout(config, told) {
    const { tokens } = await signIn(config, told);
    const state = oidc.randomState();
    const parameters = { post_logout_redirect_uri: told.post_logout_redirect_uri, id_token_hint: tokens.id_token, state };
    const back = await browse(oidc.buildEndSessionUrl(config, parameters));
    const silently = await refusal(signIn(config, told, { prompt: 'none' }));
    return { back: `${back}`, state, silently };
  },

  async device(config, told) {
    const begun = await oidc.initiateDeviceAuthorization(config, { scope: 'openid email offline_access' });
    const approved = browse(begun.verification_uri_complete);
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, { ...begun, interval: 1 });
    await approved;
    const claims = tokens.claims();
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    const again = await refusal(oidc.pollDeviceAuthorizationGrant(config, { ...begun, interval: 1 }));
    return { begun, claims, userinfo, again, refreshes: tokens.refresh_token !== undefined };
  },

  async client_credentials(config, told) {
    const tokens = await oidc.clientCredentialsGrant(config, { scope: told.scope });
    const known = await oidc.tokenIntrospection(config, tokens.access_token);
    return { tokens, known };
  },
};

const told = await read();
try {
  say({ done: await SCENARIOS[told.scenario](await discover(told), told) });
} catch (error) {
  const cause = error.cause?.message ?? error.cause?.body ?? error.cause ?? '';
  say({ failed: `${error.name}: ${error.error ?? error.message} ${error.error_description ?? JSON.stringify(cause)}` });
}
process.exit();
